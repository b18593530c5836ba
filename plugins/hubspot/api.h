// api: what both connectors say to HubSpot's API. One thread at a time.
//
// Source: developer documentation of HubSpot, "CRM objects", "Search the CRM", "Properties",
// "Associations v4", "Communication preferences v4", "Lists".
#pragma once

#include <cstdint>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::hubspot {

inline constexpr std::string_view base_address = "https://api.hubapi.com";
/// Records of one batch request or page of a list.
inline constexpr std::size_t batch_max = 100;
/// Records of one page of a search.
inline constexpr std::size_t search_page = 200;
/// Bytes of property names in an address; more are asked for in the body of a second request.
inline constexpr std::size_t properties_in_address_max = 3'000;

struct Config {
  std::string url;
};

struct Property {
  std::string name;
  std::string type;  // string, number, date, datetime, enumeration, bool
  bool read_only = false;
};

class Api {
 public:
  explicit Api(Context& context) : context_(&context) {}

  const Context& context() const { return *context_; }
  /// One exchange that may be repeated without harm; anything but 2xx is a Failure.
  Result<Json> call(HttpRequest request) const;
  /// What a kind of object has.
  Result<std::vector<Property>> properties(std::string_view object) const;
  /// The objects with these ids, or these values of a unique property. Unknown ones are absent.
  Result<std::vector<Json>> batch_read(std::string_view object, std::string_view id_property,
                                       const std::vector<std::string>& ids,
                                       const std::vector<std::string>& properties) const;

 private:
  Context* context_;
};

/// [{"id": …}, …]
Json inputs_of(const std::vector<std::string>& ids);
Json list_of(const std::vector<std::string>& texts);
/// A property of an object as HubSpot gives it; empty when it has none.
std::string property_of(const Json& object, std::string_view name);
std::string lower(std::string_view text);

}  // namespace rondom::hubspot
