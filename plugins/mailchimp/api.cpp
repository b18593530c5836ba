#include "api.h"

#include "md5.h"

namespace rondom::mailchimp {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string subscriber_hash(std::string_view email) {
  return md5(lower(email));
}

Result<HttpRequest> Api::request(std::string method, std::string_view path) const {
  std::string base = config_.url;
  if (base.empty()) {
    const std::string& center = config_.data_center;
    const bool sane =
        !center.empty() && center.size() <= 8 &&
        center.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
    if (!sane) {
      return Failure{Code::config,
                     "Say data_center: only what follows the dash in the API key, such as us21."};
    }
    base = "https://" + center + ".api.mailchimp.com";
  }
  while (!base.empty() && base.back() == '/') base.pop_back();
  return HttpRequest::of(std::move(method), base + "/3.0" + std::string(path));
}

Result<Json> Api::fetch(const HttpRequest& request) {
  const Result<HttpReply> reply = context_->fetch(request);
  if (!reply.ok()) return reply.error();
  return reply->json();
}

Result<Json> Api::get(std::string_view path) {
  const Result<HttpRequest> asked = request("GET", path);
  if (!asked.ok()) return asked.error();
  return fetch(*asked);
}

Result<std::string> Api::list_id(const std::string& named) {
  if (!named.empty()) return named;
  const Result<Json> reply = get("/lists?fields=lists.id,lists.name&count=1000");
  if (!reply.ok()) return reply.error();
  const Json* lists = reply->find("lists");
  if (lists == nullptr || lists->items().empty()) {
    return Failure{Code::config, "This Mailchimp account has no audience."};
  }
  if (lists->items().size() == 1) return lists->items()[0].text_or("id", "");
  std::string message = "Name the audience in options (list: its id); there are";
  for (const Json& list : lists->items()) {
    message += " " + list.text_or("id", "") + " (" + list.text_or("name", "") + ")";
    if (message.size() > 400) break;
  }
  return Failure{Code::config, message + "."};
}

}  // namespace rondom::mailchimp
