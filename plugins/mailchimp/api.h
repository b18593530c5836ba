// api: what both connectors say to Mailchimp's Marketing API. One thread at a time.
//
// Source: Mailchimp Marketing API 3.0, reference (lists, list members, merge fields, tags,
// segments) and "Errors".
#pragma once

#include <cstdint>
#include <map>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::mailchimp {

/// Members of one batch request.
inline constexpr std::size_t batch_max = 500;
inline constexpr std::size_t page_size = 1'000;
/// Audiences, merge fields and tags of one account or audience that are looked at.
inline constexpr std::size_t small_list_max = 1'000;

struct Config {
  std::string data_center, url;
};

/// The part of the Spec that both connectors share.
constexpr auto connection(std::string_view description) {
  return Spec<Config>("mailchimp", description)
      .title("Mailchimp")
      .auth(basic("user", "api_key", "An API key; the user may be any word."))
      .auth(bearer("token", "An access token of OAuth 2."))
      .host("*.api.mailchimp.com")
      .host_field("url")
      .concurrent_requests(10)
      .field("data_center", &Config::data_center,
             "Where the account is: what follows the dash in the API key, such as us21.")
      .example("us21")
      .field("url", &Config::url, "Another address of the API, in place of data_center.");
}

std::string lower(std::string_view text);
/// How Mailchimp names a member in addresses: MD5 of the e-mail in lower case.
std::string subscriber_hash(std::string_view email);

class Api {
 public:
  Api(Config config, Context& context) : config_(std::move(config)), context_(&context) {}

  /// A request to a path such as "/lists"; Code::config when the address is not configured.
  Result<HttpRequest> request(std::string method, std::string_view path) const;
  /// Any status that is not 2xx is a Failure.
  Result<Json> fetch(const HttpRequest& request);
  Result<HttpReply> send(const HttpRequest& request) { return context_->http(request); }
  Result<Json> get(std::string_view path);

  Status check() { return get("/ping").status(); }
  /// The audience that the options name; without a name the only one there is.
  Result<std::string> list_id(const std::string& named);

 private:
  Config config_;
  Context* context_;
};

}  // namespace rondom::mailchimp
