// api: what both connectors say to Salesforce's REST API. One thread at a time.
//
// Source: Salesforce's REST API Developer Guide (query, describe, sObject collections, record
// count) and Bulk API 2.0 Developer Guide.
#pragma once

#include <cstdint>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::salesforce {

/// Longest query that fits into the address of a GET request, which Salesforce limits to 16,384
/// bytes when it is encoded.
inline constexpr std::size_t query_bytes_max = 12'000;
/// Tries of one request for a page, when its answer breaks off.
inline constexpr int page_attempts_max = 3;
/// Wait after the daily quota is used up: it is counted over the last 24 hours and comes back
/// slowly.
inline constexpr std::uint64_t quota_wait_ms = 15 * 60 * 1'000;

struct Config {
  std::string url;
  std::string audience;
  std::string api_version;
};

/// The connection, the same for reading and for writing.
constexpr auto connection(std::string_view description) {
  constexpr std::string_view token = "/services/oauth2/token";
  constexpr std::string_view instance = "instance_url";
  return Spec<Config>("salesforce", description)
      .title("Salesforce")
      .auth(oauth2_jwt(token, "client_id", "user", "private_key",
                       "A connected app with a certificate, and the user it acts as (JWT bearer).")
                .with_audience("audience", "https://login.salesforce.com")
                .with_instance(instance))
      .auth(oauth2_refresh(token, "client_id", "client_secret", "refresh_token",
                           "A connected app and a refresh token of the user.")
                .with_instance(instance))
      .auth(oauth2_client(token, "client_id", "client_secret",
                          "A connected app with the client credentials flow.")
                .with_instance(instance))
      .base_url_field("url")
      .host("*.my.salesforce.com")
      .concurrent_requests(5)
      .field("url", &Config::url, "Address of the organisation (My Domain).")
      .required()
      .example("https://acme.my.salesforce.com")
      .field("audience", &Config::audience,
             "Who checks the assertion of JWT bearer; https://test.salesforce.com for a sandbox.")
      .fallback("https://login.salesforce.com")
      .field("api_version", &Config::api_version, "Version of the API.")
      .fallback("62.0");
}

/// Salesforce's word for what was wrong, such as INVALID_FIELD; empty when it says none.
std::string error_code(const HttpReply& reply);
/// http_failure() with that word, and a code by it: the quota, rights and broken queries have
/// statuses that say something else.
Failure failure_of(const HttpReply& reply);
/// Is it the name of an object or field? Names go into queries and addresses as they are.
bool is_name(std::string_view text);

/// Answer to one request of a query.
struct QueryPage {
  std::vector<Json> records;
  std::string next;  // path of the rest; empty = there is none
};

class Api {
 public:
  Api(const Config& config, Context& context) : version_(config.api_version), context_(&context) {}

  /// "/services/data/v62.0" + rest.
  std::string path(std::string_view rest) const;
  /// Ok for every status.
  Result<HttpReply> send(const HttpRequest& request) { return context_->http(request); }
  /// Ok for 2xx, else failure_of() the reply.
  Result<HttpReply> fetch(const HttpRequest& request);
  /// The same, again when the answer broke off. Only for what may be asked twice.
  Result<HttpReply> fetch_whole(const HttpRequest& request);
  Result<Json> json(const HttpRequest& request);
  /// The first part of a query's records. `all`: the deleted ones too.
  Result<QueryPage> query_page(const std::string& soql, bool all);
  /// Every record of a query, which must end within `records_max`.
  Result<std::vector<Json>> query(const std::string& soql, std::size_t records_max);
  Context& context() { return *context_; }

 private:
  Result<QueryPage> page_at(const HttpRequest& request);

  std::string version_;
  Context* context_;
};

}  // namespace rondom::salesforce
