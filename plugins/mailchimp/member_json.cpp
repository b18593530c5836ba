#include "member_json.h"

#include "api.h"

namespace rondom::mailchimp {
namespace {

/// Less what may be personal, as the SDK does it for whole replies.
std::string cleaned(const std::string& text) {
  HttpReply reply;
  reply.status = 400;
  reply.body = Json::object().set("message", Json::of(text)).to_text();
  const std::string whole = http_failure(reply).message;
  const std::size_t colon = whole.find(": ");
  return "Mailchimp refused: " +
         (colon == std::string::npos ? std::string("without a reason") : whole.substr(colon + 2));
}

}  // namespace

std::string name_of(const Json& member, const std::string& otherwise) {
  const std::string contact = member.text_or("contact_id", "");
  return contact.empty() ? member.text_or("id", otherwise) : contact;
}

bool has_tag(const Json& member, std::string_view name) {
  const Json* tags = member.find("tags");
  if (tags == nullptr) return false;
  for (const Json& tag : tags->items()) {
    if (lower(tag.text_or("name", "")) == lower(name)) return true;
  }
  return false;
}

bool closed_by_us(const Json& member) {
  if (!has_tag(member, own_mark)) return false;
  const std::string status = member.text_or("status", "");
  if (status == "archived") return true;
  return status == "unsubscribed" &&
         member.text_or("unsubscribe_reason", "").starts_with("N/A (Unsubscribed by");
}

std::string refusal(const Json& problem) {
  std::string said;
  for (const char* name : {"title", "detail", "error", "field", "field_message"}) {
    const std::string part = problem.text_or(name, "");
    if (!part.empty()) said += (said.empty() ? "" : ": ") + part;
  }
  const Json* errors = problem.find("errors");
  if (errors != nullptr && !errors->items().empty()) {
    const Json& first = errors->items()[0];
    said = first.text_or("field", "") + ": " + first.text_or("message", "");
  }
  const std::string words = lower(said);
  if (words.find("permanently deleted") != std::string::npos ||
      words.find("forgotten email") != std::string::npos) {
    return "the address was permanently deleted in Mailchimp and cannot be brought back by import; "
           "only the person can subscribe again, by a form of Mailchimp";
  }
  if (words.find("compliance state") != std::string::npos) {
    return "Mailchimp keeps the address closed (unsubscribed, bounced or under review); only the "
           "person can subscribe again, by a form of Mailchimp";
  }
  return cleaned(said);
}

}  // namespace rondom::mailchimp
