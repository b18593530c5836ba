#include "api.h"

namespace rondom::matomo {
namespace {

/// Matomo says no with 200 and a sentence; which kind of no is in its words.
Failure failure_of(const Json& reply) {
  HttpReply said;
  said.status = 400;
  said.body = Json::object().set("message", Json::of(reply.text_or("message", ""))).to_text();
  Failure failure = http_failure(said);
  const std::size_t colon = failure.message.find(": ");
  failure.message =
      "Matomo refused" + (colon == std::string::npos ? std::string(" without a reason.")
                                                     : failure.message.substr(colon));
  for (const char* word : {"token_auth", "authenticate", "view access", "requires"}) {
    if (said.body.find(word) != std::string::npos) failure.code = Code::auth;
  }
  return failure;
}

}  // namespace

Result<Json> Api::call(std::string_view method, Parameters parameters) {
  std::string url = config_.url;
  while (!url.empty() && url.back() == '/') url.pop_back();
  std::string form = "module=API&format=JSON&method=" + http_encoded(method);
  for (const auto& [name, value] : parameters) {
    form += "&" + http_encoded(name) + "=" + http_encoded(value);
  }
  HttpRequest request = HttpRequest::post(url + "/index.php");
  request.content("application/x-www-form-urlencoded", std::move(form)).may_repeat();
  const Result<HttpReply> reply = context_->fetch(request);
  if (!reply.ok()) return reply.error();
  Result<Json> json = reply->json();
  if (json.ok() && json->text_or("result", "") == "error") return failure_of(*json);
  return json;
}

}  // namespace rondom::matomo
