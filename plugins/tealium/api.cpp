#include "api.h"

namespace rondom::tealium {
namespace {

/// A token lives for 30 minutes, and Tealium slows down who asks for one at each request.
constexpr std::int64_t token_us = 25ll * 60 * 1'000'000;

}  // namespace

std::string Api::place(std::string_view start) const {
  return std::string(start) + "/accounts/" + http_encoded(config_.account) + "/profiles/" +
         http_encoded(config_.profile);
}

Status Api::sign_in() {
  token_.clear();
  HttpRequest request = HttpRequest::post(place("/v3/auth"));
  request
      .content("application/x-www-form-urlencoded",
               "username=" + http_encoded(config_.username) + "&key=" + http_encoded(config_.key))
      .may_repeat();
  const Result<HttpReply> reply = context_->http(request);
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    Failure failure = http_failure(*reply);
    if (reply->status == 400 || reply->status == 404) failure.code = Code::auth;
    failure.message = "Signing in at Tealium: " + failure.message;
    return failure;
  }
  const Result<Json> json = reply->json();
  if (!json.ok()) return {Code::transient, json.error().message};
  const std::string token = json->text_or("token", ""), host = json->text_or("host", "");
  if (token.empty() || host.empty()) {
    return {Code::data, "Tealium signed in without a token or without the host of the region."};
  }
  token_ = token;
  base_ = host.find("://") == std::string::npos ? "https://" + host : host;
  signed_in_at_ = context_->now_us();
  return {};
}

Result<HttpReply> Api::send_signed(const HttpRequest& request) const {
  HttpRequest copy = request;
  copy.url = base_ + request.url;
  copy.header("Authorization", "Bearer " + token_);
  return context_->http(copy);
}

Result<HttpReply> Api::send(const HttpRequest& request) {
  if (token_.empty() || context_->now_us() - signed_in_at_ > token_us) RONDOM_TRY(sign_in());
  Result<HttpReply> reply = send_signed(request);
  if (!reply.ok() || reply->status != 401) return reply;
  RONDOM_TRY(sign_in());
  return send_signed(request);
}

Status Api::check() {
  const Result<HttpReply> reply = send(HttpRequest::get(place("/v3/privacy/visitor") + "/ids"));
  if (!reply.ok()) return reply.error();
  return reply->ok() ? Status() : Status(http_failure(*reply));
}

Status Api::check_visitor_attribute(std::int64_t number) {
  const Result<HttpReply> reply = send(HttpRequest::get(place("/v3/privacy/visitor") + "/ids"));
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) return http_failure(*reply);
  const Result<Json> known = reply->json();
  if (!known.ok()) return known.status();
  if (known->find(std::to_string(number)) != nullptr) return {};
  return {Code::config,
          "Tealium's profile has no Visitor ID attribute number " + std::to_string(number) + "."};
}

const Json& visitor_of(const Json& reply) {
  const Json* visitor = reply.find("visitor");
  return visitor != nullptr && visitor->is_object() ? *visitor : reply;
}

}  // namespace rondom::tealium
