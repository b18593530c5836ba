// Spec: the configuration of a connector, declared once.
//
//   struct Config {
//     std::string account;
//     std::int64_t page_size = 0;
//     std::vector<std::string> tags;
//   };
//   static constexpr auto spec = rondom::Spec<Config>("acme-crm", "Contacts of Acme CRM.")
//       .auth(rondom::bearer("token", "Private app token."))
//       .field("account",   &Config::account,   "Account to read.").required()
//       .field("page_size", &Config::page_size, "Records a request.").fallback(200).range(1, 1000)
//       .field("tags",      &Config::tags,      "Only contacts with one of these.");
//
// From it come the JSON Schema that the host shows and checks, and the strict parser that fills the
// struct: unknown, missing and mistyped fields are refused by name. Member types: bool, integers,
// double, std::string, std::chrono durations (whole units; say the unit in the name), Json,
// std::optional, std::vector and std::map with text keys of these, and structs that have a `spec`
// of their own. A member that is absent keeps its default.
//
// Constant data, any thread. Texts must be literals (they are not copied).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "auth.hpp"
#include "detail/spec_parse.hpp"
#include "detail/spec_schema.hpp"
#include "detail/spec_types.hpp"

namespace rondom {
inline namespace sdk_v1 {

template <typename Config, typename... Fields>
class Spec {
 public:
  using ConfigType = Config;
  static constexpr std::size_t field_count = sizeof...(Fields);

  constexpr Spec(std::string_view id, std::string_view description) requires(sizeof...(Fields) == 0)
      : id_(id), title_(id), description_(description) {}

  /// Name for people; without it the id.
  constexpr Spec title(std::string_view text) const {
    Spec copy = *this;
    copy.title_ = text;
    return copy;
  }
  /// How requests are signed (auth.hpp); several calls are alternatives.
  constexpr Spec auth(const Auth& auth) const {
    Spec copy = *this;
    copy.auths_[copy.auth_count_++] = auth;
    return copy;
  }
  /// The address that requests with a bare path go to; its host is declared with it.
  constexpr Spec base_url(std::string_view url) const {
    Spec copy = *this;
    copy.http_.base_url = url;
    return copy;
  }
  /// The same, as the configuration says it in the text field of that name.
  constexpr Spec base_url_field(std::string_view field) const {
    Spec copy = *this;
    copy.http_.base_url_field = field;
    return copy;
  }
  /// Another host that requests may go to: "files.example.com", "*.example.com".
  constexpr Spec host(std::string_view pattern) const {
    Spec copy = *this;
    copy.http_.hosts[copy.http_.host_count++] = pattern;
    return copy;
  }
  /// The same, as the configuration says it: the field holds a host or an address.
  constexpr Spec host_field(std::string_view field) const {
    Spec copy = *this;
    copy.http_.host_fields[copy.http_.host_field_count++] = field;
    return copy;
  }
  /// The system's limit, shared by everything that uses one connection.
  constexpr Spec requests_per_second(double rate) const {
    Spec copy = *this;
    copy.http_.requests_per_second = rate;
    return copy;
  }
  constexpr Spec concurrent_requests(unsigned count) const {
    Spec copy = *this;
    copy.http_.concurrent_requests = count;
    return copy;
  }

  /// Adds a field; the calls after it, up to the next field(), say more about it.
  template <typename Member>
  constexpr auto field(std::string_view name, Member Config::*member,
                       std::string_view description) const {
    using Added = detail::Field<Config, Member>;
    return Spec<Config, Fields..., Added>(
        *this, std::tuple_cat(fields_, std::tuple<Added>(Added(name, member, description))));
  }

  constexpr Spec required() const {
    return with([](auto& field) { field.required = true; });
  }
  /// Never shown, never logged; resolved from the project's secrets.
  constexpr Spec secret() const {
    return with([](auto& field) { field.secret = true; });
  }
  /// Value when the field is absent. Scalars only.
  template <typename Value>
  constexpr Spec fallback(Value value) const {
    return with([&](auto& field) { field.set_fallback(value); });
  }
  /// Smallest and largest number allowed.
  template <typename Low, typename High>
  constexpr Spec range(Low low, High high) const {
    return with([&](auto& field) { field.set_range(low, high); });
  }
  /// The only texts allowed (of a list: for each item).
  template <typename... Texts>
  constexpr Spec choices(Texts... texts) const {
    static_assert(sizeof...(Texts) <= detail::choices_max, "too many choices for one field");
    return with([&](auto& field) {
      field.choices = {std::string_view(texts)...};
      field.choice_count = sizeof...(Texts);
    });
  }
  /// Shown in the reference and the example file.
  constexpr Spec example(std::string_view text) const {
    return with([&](auto& field) { field.example = text; });
  }

  constexpr std::string_view id() const { return id_; }
  constexpr std::string_view title() const { return title_; }
  constexpr std::string_view description() const { return description_; }
  constexpr std::span<const Auth> auths() const { return {auths_.data(), auth_count_}; }
  constexpr const detail::HttpUse& http() const { return http_; }
  constexpr const std::tuple<Fields...>& fields() const { return fields_; }

  /// JSON Schema (2020-12) of the configuration.
  std::string schema() const {
    std::string out;
    JsonWriter writer(out);
    detail::write_schema(writer, *this, true);
    return out;
  }

  /// Fills a Config; Code::config with a sentence that names the field.
  Result<Config> parse(std::string_view config_json) const {
    Result<Json> json = parse_json(config_json);
    if (!json.ok()) return Failure{Code::config, "The configuration is no " + json.error().message};
    Config config{};
    RONDOM_TRY(detail::parse_object(*this, *json, "", config));
    return config;
  }

 private:
  template <typename OtherConfig, typename... OtherFields>
  friend class Spec;

  template <typename... Before>
  constexpr Spec(const Spec<Config, Before...>& from, std::tuple<Fields...> fields)
      : id_(from.id_),
        title_(from.title_),
        description_(from.description_),
        auths_(from.auths_),
        auth_count_(from.auth_count_),
        http_(from.http_),
        fields_(std::move(fields)) {}

  template <typename Change>
  constexpr Spec with(Change change) const {
    static_assert(sizeof...(Fields) > 0, "call field() first");
    Spec copy = *this;
    change(std::get<sizeof...(Fields) - 1>(copy.fields_));
    return copy;
  }

  std::string_view id_;
  std::string_view title_;
  std::string_view description_;
  std::array<Auth, detail::auths_max> auths_{};
  std::size_t auth_count_ = 0;
  detail::HttpUse http_{};
  std::tuple<Fields...> fields_;
};

}  // namespace sdk_v1
}  // namespace rondom
