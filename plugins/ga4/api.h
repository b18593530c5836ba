// api: what the source says to the Google Analytics Data API. One thread at a time.
//
// Source: Google Analytics Data API v1beta (properties.runReport, properties.getMetadata,
// PropertyQuota); Google Identity, "Using OAuth 2.0 for Server to Server Applications".
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <utility>

namespace rondom::ga4 {

struct Config {
  std::string url, token_uri, property;
};

inline constexpr std::string_view token_address = "https://oauth2.googleapis.com/token";
inline constexpr std::string_view read_scope = "https://www.googleapis.com/auth/analytics.readonly";

constexpr auto connection(std::string_view description) {
  return Spec<Config>("ga4", description)
      .title("Google Analytics 4")
      .auth(oauth2_jwt(token_address, "client_email", "private_key",
                       "A service account; both are in its key file.")
                .with_scope(read_scope)
                .with_token_url("token_uri"))
      .auth(oauth2_jwt(token_address, "client_email", "subject", "private_key",
                       "A service account that acts for a user of the domain.")
                .with_scope(read_scope)
                .with_token_url("token_uri"))
      .auth(oauth2_refresh(token_address, "client_id", "client_secret", "refresh_token",
                           "A user's refresh token with the scope analytics.readonly.")
                .with_token_url("token_uri"))
      .base_url("https://analyticsdata.googleapis.com")
      .base_url_field("url")
      .concurrent_requests(10)
      .field("property", &Config::property, "Id of the property: digits, such as 213025502.")
      .required()
      .example("213025502")
      .field("url", &Config::url, "Another address of the Data API.")
      .field("token_uri", &Config::token_uri,
             "Another token address, as a key file has it; else Google's.");
}

class Api {
 public:
  Api(Config config, Context& context) : config_(std::move(config)), context_(&context) {}

  /// The dimensions and metrics that the property has.
  Result<Json> metadata() const;
  /// One page of a report; `request` is a RunReportRequest. Asking twice changes nothing there.
  Result<Json> run_report(const Json& request) const;
  const Context& context() const { return *context_; }

 private:
  Result<std::string> path() const;
  Result<Json> call(HttpRequest request) const;

  Config config_;
  Context* context_;
};

}  // namespace rondom::ga4
