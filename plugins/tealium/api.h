// api: what both connectors say to Tealium's API v3. One thread at a time.
//
// Source: Tealium API v3, "Authentication", "HTTP API", "Visitor Profile API", "Visitor Privacy API",
// "Status codes".
#pragma once

#include <cstdint>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace rondom::tealium {

struct Config {
  std::string url, account, profile, username, key;
};

/// The part of the Spec that both connectors share. Signing in is no OAuth: a form with user and key
/// brings a token and the host of the region, so the connector does it itself.
constexpr auto connection(std::string_view description, double requests_per_second) {
  return Spec<Config>("tealium", description)
      .title("Tealium")
      .base_url("https://platform.tealiumapis.com")
      .base_url_field("url")
      .host("*.tealiumapis.com")
      .requests_per_second(requests_per_second)
      .concurrent_requests(1)
      .field("account", &Config::account, "Name of the Tealium account.")
      .required()
      .field("profile", &Config::profile, "Name of its profile.")
      .fallback("main")
      .field("username", &Config::username, "E-mail address of the user whom the API key is of.")
      .required()
      .field("key", &Config::key, "The API key.")
      .required()
      .secret()
      .field("url", &Config::url, "Another address to sign in at.");
}

class Api {
 public:
  Api(Config config, Context& context) : config_(std::move(config)), context_(&context) {}

  /// Sends a request whose address begins with "/v3/" to the region's host, signed. Any status the
  /// server answered, as of Context::http; a token that ended is renewed once, as nothing was done.
  Result<HttpReply> send(const HttpRequest& request);
  /// "<start>/accounts/<account>/profiles/<profile>".
  std::string place(std::string_view start) const;
  /// Is user and key good for the visitors of this profile?
  Status check();
  /// Is there a Visitor ID attribute of that number in the profile? Code::config when there is none.
  Status check_visitor_attribute(std::int64_t number);

  const Config& config() const { return config_; }
  const Context& context() const { return *context_; }

 private:
  Status sign_in();
  Result<HttpReply> send_signed(const HttpRequest& request) const;

  Config config_;
  Context* context_;
  std::string token_, base_;       // base_: address of the region
  std::int64_t signed_in_at_ = 0;  // microseconds since 1970
};

/// The visitor in a reply of the Visitor Profile or Privacy API.
const Json& visitor_of(const Json& reply);

}  // namespace rondom::tealium
