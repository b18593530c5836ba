// api: what both connectors say to Klaviyo's API, which is JSON:API with a dated revision. One
// thread at a time.
//
// Source: developer documentation of Klaviyo, revision 2026-07-15: Profiles, Lists, Data Privacy,
// "Bulk Import Profiles API", "Collect email and SMS consent via API", "Filtering", "Rate limits,
// status codes, and errors".
#pragma once

#include <cstdint>
#include <functional>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::klaviyo {

inline constexpr std::string_view base_address = "https://a.klaviyo.com";
/// Which state of the API the connector was written for; Klaviyo keeps one for two years.
inline constexpr std::string_view revision = "2026-07-15";
inline constexpr std::size_t page_size = 100;
/// Bytes of the values of a filter in one address, as they are sent.
inline constexpr std::size_t filter_bytes_max = 3'000;

struct Config {
  std::string url;
};

/// The part of the Spec that both connectors share.
constexpr auto connection(std::string_view description) {
  return Spec<Config>("klaviyo", description)
      .title("Klaviyo")
      .auth(api_key("Authorization", "api_key", "A private API key.", "Klaviyo-API-Key "))
      .base_url(base_address)
      .base_url_field("url")
      .field("url", &Config::url, "Address of the API, when it is not that of Klaviyo.");
}

std::string lower(std::string_view text);
/// {"type": …, "id": …}
Json reference(std::string_view type, const std::string& id);
/// {"data": {"type": …, "attributes": …}}
Json document(std::string_view type, Json attributes);
/// The object that a document is about; null when it has none.
Json data_of(const Json& document);
/// The reason that one entry of `errors` gives, less what may be personal.
std::string reason_of(const Json& error);

/// A request to a path such as "/profiles".
HttpRequest request(std::string method, std::string_view path);
HttpRequest request(std::string method, std::string_view path, const Json& body);
/// Pages of a list; their places are the cursors of links.next.
Pager pages_of(HttpRequest first);

class Api {
 public:
  explicit Api(Context& context) : context_(&context) {}

  const Context& context() const { return *context_; }
  Result<HttpReply> send(const HttpRequest& request) const { return context_->http(request); }
  /// Anything but 2xx is a Failure; an empty answer is an empty object.
  Result<Json> call(const HttpRequest& request) const;
  Status check() const;
  /// The profiles whose `field` (id, email, external_id) is one of the values, one by one.
  Status find(std::string_view field, const std::vector<std::string>& values,
              const std::function<void(const Json& profile)>& take) const;

 private:
  Context* context_;
};

}  // namespace rondom::klaviyo
