#include "api.h"

namespace rondom::ga4 {
namespace {

/// Of an answer that broke off after the engine had begun to hand it over. Not more: a project is
/// shut out for an hour after ten errors of Google's.
constexpr int attempts_max = 2;

}  // namespace

Result<std::string> Api::path() const {
  constexpr std::string_view prefix = "properties/";
  std::string_view id = config_.property;
  if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
  if (id.empty() || id.find_first_not_of("0123456789") != std::string_view::npos) {
    return Failure{Code::config,
                   "\"property\" is the number of a property, not a measurement id (G-…)."};
  }
  return "/v1beta/" + std::string(prefix) + std::string(id);
}

/// What the request itself is refused for, the user has to change: names of dimensions and metrics,
/// pairs of them that do not go together, a property that is none.
Result<Json> Api::call(HttpRequest request) const {
  request.query("prettyPrint", false);
  Result<HttpReply> reply = context_->http(request);
  for (int attempt = 1; attempt < attempts_max; ++attempt) {
    if (reply.ok() || reply.error().code != Code::transient) break;
    reply = context_->http(request);
  }
  if (!reply.ok()) return reply.error();
  if (!reply->ok()) {
    Failure failure = http_failure(*reply);
    if (reply->status == 400 || reply->status == 404) failure.code = Code::config;
    return failure;
  }
  return reply->json();
}

Result<Json> Api::metadata() const {
  const Result<std::string> at = path();
  if (!at.ok()) return at.error();
  return call(HttpRequest::get(*at + "/metadata"));
}

Result<Json> Api::run_report(const Json& request) const {
  const Result<std::string> at = path();
  if (!at.ok()) return at.error();
  HttpRequest post = HttpRequest::post(*at + ":runReport");
  post.json(request).may_repeat();
  return call(std::move(post));
}

}  // namespace rondom::ga4
