// api: what both connectors say to Tealium's API v3. One thread at a time.
//
// Source: Tealium API v3, "Authentication", "HTTP API", "Visitor Profile API", "Visitor Privacy
// API", "Status codes".
#pragma once

#include <cstdint>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace rondom::tealium {

struct Config {
  std::string url, account, profile;
};

/// A token lives for 30 minutes, and Tealium slows down who asks for one at each request.
inline constexpr unsigned token_lifetime_secs = 30 * 60;

/// The part of the Spec that both connectors share. Signing in is no OAuth: a form with user and
/// key brings a token and the host of the region, where everything else goes.
constexpr auto connection(std::string_view description, double requests_per_second) {
  return Spec<Config>("tealium", description)
      .title("Tealium")
      .base_url("https://platform.tealiumapis.com")
      .base_url_field("url")
      .host("*.tealiumapis.com")
      .auth(token_login("/v3/auth/accounts/{account}/profiles/{profile}", "username", "username",
                        "key", "key", "token", token_lifetime_secs,
                        "E-mail address of a user, and the API key of that user.")
                .with_instance("host"))
      .requests_per_second(requests_per_second)
      .concurrent_requests(1)
      .field("account", &Config::account, "Name of the Tealium account.")
      .required()
      .field("profile", &Config::profile, "Name of its profile.")
      .fallback("main")
      .field("url", &Config::url, "Another address to sign in at.");
}

class Api {
 public:
  Api(Config config, Context& context) : config_(std::move(config)), context_(&context) {}

  /// Sends a request whose address begins with "/v3/" to the region's host. As Context::http.
  Result<HttpReply> send(const HttpRequest& request) { return context_->http(request); }
  /// "<start>/accounts/<account>/profiles/<profile>".
  std::string place(std::string_view start) const;
  /// Is user and key good for the visitors of this profile?
  Status check();
  /// Is there a Visitor ID attribute of that number in the profile? Code::config when there is
  /// none.
  Status check_visitor_attribute(std::int64_t number);

  const Config& config() const { return config_; }
  const Context& context() const { return *context_; }

 private:
  Config config_;
  Context* context_;
};

/// The visitor in a reply of the Visitor Profile or Privacy API.
const Json& visitor_of(const Json& reply);

}  // namespace rondom::tealium
