#include "api.h"

namespace rondom::tealium {
std::string Api::place(std::string_view start) const {
  return std::string(start) + "/accounts/" + http_encoded(config_.account) + "/profiles/" +
         http_encoded(config_.profile);
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
