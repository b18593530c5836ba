// Do-not-contact for e-mail of many contacts at once.
//
// Source: LeadBundle/Controller/Api/LeadApiController.php (preSaveEntity) and its functional test
// in mautic/mautic: an edit takes `doNotContact`, reason 3 sets an entry and 0 takes it away, and
// the reply shows what there is now. The documentation names only the request for one contact, so a
// Mautic whose reply does not show what was wanted is asked contact by contact.
#include <algorithm>

#include "contact_json.h"
#include "destination.h"

namespace rondom::mautic {
namespace {

constexpr std::int64_t reason_contactable = 0;
constexpr std::int64_t reason_manual = 3;  // 1 is what people do in Mautic themselves

Json entry_of(bool closed) {
  Json entry = Json::object();
  entry.set("reason", Json::of(closed ? reason_manual : reason_contactable));
  if (closed) {
    entry.set("comments",
              Json::of(std::string(own_comment) + " consent withdrawn in another system"));
  }
  return entry;
}

/// Whether the reply says that this contact is as wanted; a contact that is gone is.
bool shown(const Json& reply, std::size_t index, bool closed) {
  const Json* code = position(reply.find("statusCodes"), index);
  if (code != nullptr && code->as_integer() == 404) return true;
  const Json* contact = position(reply.find("contacts"), index);
  return contact != nullptr && has_entry(*contact, closed ? "" : own_comment) == closed;
}

}  // namespace

Status Contacts::set_do_not_contact(const std::vector<std::string>& contacts, bool closed) {
  for (std::size_t at = 0; at < contacts.size(); at += batch_max) {
    const std::size_t end = std::min(at + batch_max, contacts.size());
    Json body = Json::list();
    for (std::size_t i = at; i < end; ++i) {
      Json entries = Json::list(), one = Json::object();
      entries.push(entry_of(closed).set("channel", Json::of(std::string("email"))));
      one.set("id", Json::of(contacts[i])).set("doNotContact", std::move(entries));
      body.push(std::move(one));
    }
    HttpRequest request = HttpRequest::of("PATCH", "/api/contacts/batch/edit");
    request.json(body).may_repeat();
    const Result<HttpReply> reply = api_.send(request);
    if (!reply.ok()) return reply.error();
    if (!reply->ok() && http_failure(*reply).code != Code::data) return http_failure(*reply);
    Result<Json> said = reply->ok() ? reply->json() : Result<Json>(Json::object());
    if (!said.ok()) said = Json::object();
    for (std::size_t i = at; i < end; ++i) {
      if (shown(*said, i - at, closed)) continue;
      const std::string path = "/api/contacts/" + contacts[i] + "/dnc/email/";
      HttpRequest single = HttpRequest::post(path + (closed ? "add" : "remove"));
      if (closed) single.json(entry_of(true));
      RONDOM_TRY(call(single));
    }
  }
  return {};
}

}  // namespace rondom::mautic
