#include "api.h"

#include <charconv>

namespace rondom::klaviyo {
namespace {

constexpr std::string_view content_type = "application/vnd.api+json";

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const char* digits = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// Only the place is taken from the address: whatever host it names, we ask the one that we know.
Result<std::string> cursor_of(const Page& page) {
  const Json* next = json_at(page.body, "/links/next");
  if (next == nullptr || next->as_text().empty()) return std::string();
  const std::string_view address = next->as_text();
  for (const std::string_view name : {"page%5Bcursor%5D=", "page%5bcursor%5d=", "page[cursor]="}) {
    const std::size_t at = address.find(name);
    if (at == std::string_view::npos) continue;
    const std::string_view value = address.substr(at + name.size());
    return percent_decoded(value.substr(0, value.find('&')));
  }
  return Failure{Code::data, "Klaviyo names a next page without saying where it begins."};
}

/// Values that could end the text they are written in are nobody's address or id.
bool can_be_asked(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') return false;
  }
  return true;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Json reference(std::string_view type, const std::string& id) {
  Json one = Json::object();
  one.set("type", Json::of(std::string(type))).set("id", Json::of(id));
  return one;
}

Json document(std::string_view type, Json attributes) {
  Json data = Json::object();
  data.set("type", Json::of(std::string(type))).set("attributes", std::move(attributes));
  return Json::object().set("data", std::move(data));
}

Json data_of(const Json& document) {
  const Json* data = document.find("data");
  return data == nullptr ? Json() : *data;
}

std::string reason_of(const Json& error) {
  HttpReply said;
  said.status = 400;
  said.body = Json::object().set("errors", Json::list().push(error)).to_text();
  const std::string whole = http_failure(said).message;
  const std::size_t colon = whole.find(": ");
  return "Klaviyo refused: " +
         (colon == std::string::npos ? std::string("without a reason") : whole.substr(colon + 2));
}

HttpRequest request(std::string method, std::string_view path) {
  HttpRequest request = HttpRequest::of(std::move(method), "/api" + std::string(path));
  request.header("revision", std::string(revision)).header("Accept", std::string(content_type));
  return request;
}

HttpRequest request(std::string method, std::string_view path, const Json& body) {
  HttpRequest made = request(std::move(method), path);
  made.content(std::string(content_type), body.to_text());
  return made;
}

Pager pages_of(HttpRequest first) {
  first.query("page[size]", page_size);
  Pager pages(std::move(first), cursor_of, Pager::in_query("page[cursor]"));
  pages.items_at("/data");
  return pages;
}

Result<Json> Api::call(const HttpRequest& request) const {
  const Result<HttpReply> reply = context_->fetch(request);
  if (!reply.ok()) return reply.error();
  if (reply->body.empty()) return Json::object();
  Result<Json> json = reply->json();
  // It was done all the same: nothing that was refused.
  if (!json.ok()) return Failure{Code::unavailable, json.error().message};
  return json;
}

Status Api::check() const {
  HttpRequest asked = request("GET", "/profiles");
  asked.query("fields[profile]", "created").query("page[size]", 1);
  return call(asked).status();
}

Status Api::find(std::string_view field, const std::vector<std::string>& values,
                 const std::function<void(const Json& profile)>& take) const {
  std::vector<std::string> quoted;
  std::vector<std::size_t> sizes;
  for (const std::string& value : values) {
    if (!can_be_asked(value)) continue;
    quoted.push_back("\"" + value + "\"");
    sizes.push_back(http_encoded(quoted.back()).size() + 3);
  }
  for (const Range part : batches_of(sizes, page_size, filter_bytes_max)) {
    std::string list;
    for (std::size_t i = part.begin; i < part.end; ++i)
      list += (list.empty() ? "" : ",") + quoted[i];
    HttpRequest first = request("GET", "/profiles");
    first.query("filter", "any(" + std::string(field) + ",[" + list + "])")
        .query("additional-fields[profile]", "subscriptions")
        .query("fields[profile]", "email,external_id,properties,subscriptions");
    Pager pages = pages_of(std::move(first));
    while (true) {
      const auto page = pages.next(*context_);
      if (!page.ok()) return page.error();
      if (!*page) break;
      for (const Json* profile : (*page)->items()) take(*profile);
    }
  }
  return {};
}

}  // namespace rondom::klaviyo
