// Strict parsing of a configuration against its Spec. Messages name the field by its path and never
// repeat the value, which may be a secret.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <tuple>

#include "spec_types.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

template <typename SpecType, typename Config>
Status parse_object(const SpecType& spec, const Json& json, const std::string& path,
                    Config& config);

inline Status refuse(const std::string& path, std::string_view what) {
  std::string message = path.empty() ? "The configuration " : "\"" + path + "\" ";
  message += what;
  return {Code::config, std::move(message)};
}

template <typename T>
std::string number_text(T value) {
  std::string text;
  JsonWriter writer(text);
  if constexpr (std::is_same_v<T, double>)
    writer.number(value);
  else
    writer.integer(static_cast<std::int64_t>(value));
  return text;
}

template <typename FieldType>
Status check_choice(const FieldType& field, std::string_view value, const std::string& path) {
  if (field.choice_count == 0) return {};
  std::string known;
  for (std::size_t i = 0; i < field.choice_count; ++i) {
    if (field.choices[i] == value) return {};
    known += known.empty() ? "" : ", ";
    known += field.choices[i];
  }
  return refuse(path, "must be one of: " + known + ".");
}

template <typename FieldType, typename T>
Status check_range(const FieldType& field, T value, const std::string& path) {
  if constexpr (std::is_arithmetic_v<decltype(field.low)>) {
    if (field.has_range && (static_cast<decltype(field.low)>(value) < field.low ||
                            static_cast<decltype(field.low)>(value) > field.high)) {
      return refuse(path, "must be between " + number_text(field.low) + " and " +
                              number_text(field.high) + ".");
    }
  }
  return {};
}

template <typename FieldType, typename T>
Status parse_integer(const FieldType& field, const Json& json, const std::string& path, T& out) {
  if (!json.is_integer()) return refuse(path, "must be a whole number.");
  const std::int64_t value = json.as_integer();
  const bool negative_for_unsigned = std::is_unsigned_v<T> && value < 0;
  const bool too_wide = sizeof(T) < sizeof(value) &&
                        (value < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
                         value > static_cast<std::int64_t>(std::numeric_limits<T>::max()));
  if (negative_for_unsigned || too_wide) return refuse(path, "is out of range.");
  RONDOM_TRY(check_range(field, value, path));
  out = static_cast<T>(value);
  return {};
}

template <typename FieldType, typename T>
Status parse_value(const FieldType& field, const Json& json, const std::string& path, T& out) {
  if constexpr (std::is_same_v<T, Json>) {
    out = json;
  } else if constexpr (IsOptional<T>::value) {
    if (json.is_null()) {
      out.reset();
      return {};
    }
    return parse_value(field, json, path, out.emplace());
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) return refuse(path, "must be true or false.");
    out = json.as_boolean();
  } else if constexpr (std::is_integral_v<T>) {
    return parse_integer(field, json, path, out);
  } else if constexpr (IsDuration<T>::value) {
    std::int64_t count = 0;
    RONDOM_TRY(parse_integer(field, json, path, count));
    out = T(static_cast<typename T::rep>(count));
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return refuse(path, "must be a number.");
    RONDOM_TRY(check_range(field, json.as_number(), path));
    out = static_cast<T>(json.as_number());
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.is_text()) return refuse(path, "must be a text.");
    RONDOM_TRY(check_choice(field, json.as_text(), path));
    out = json.as_text();
  } else if constexpr (IsVector<T>::value) {
    if (!json.is_list()) return refuse(path, "must be a list.");
    out.clear();
    for (const Json& item : json.items()) {
      typename T::value_type value{};
      RONDOM_TRY(parse_value(field, item, path + "[" + std::to_string(out.size()) + "]", value));
      out.push_back(std::move(value));
    }
  } else if constexpr (IsMap<T>::value) {
    if (!json.is_object()) return refuse(path, "must be an object.");
    out.clear();
    for (const Json::Member& member : json.members()) {
      RONDOM_TRY(parse_value(field, member.second, path + "." + member.first, out[member.first]));
    }
  } else {
    static_assert(HasSpec<T>, "a Spec cannot read members of this type; give the struct a `spec`");
    return parse_object(spec_of<T>(), json, path, out);
  }
  return {};
}

template <typename FieldType, typename T>
void apply_fallback(const FieldType& field, T& out) {
  if constexpr (IsOptional<T>::value) {
    apply_fallback(field, out.emplace());
  } else if constexpr (std::is_arithmetic_v<T>) {
    out = static_cast<T>(field.fallback);
  } else if constexpr (IsDuration<T>::value) {
    out = T(static_cast<typename T::rep>(field.fallback));
  } else if constexpr (std::is_same_v<T, std::string>) {
    out = std::string(field.fallback);
  }
}

template <typename FieldType, typename Config>
Status parse_field(const FieldType& field, const Json& json, const std::string& path,
                   Config& config) {
  const std::string here =
      path.empty() ? std::string(field.name) : path + "." + std::string(field.name);
  const Json* value = json.find(field.name);
  if (value != nullptr) return parse_value(field, *value, here, config.*(field.member));
  if (field.required) return refuse(here, "is required and missing.");
  if (field.has_fallback) apply_fallback(field, config.*(field.member));
  return {};
}

/// Refuses the first member that the spec does not name.
template <typename SpecType>
Status check_names(const SpecType& spec, const Json& json, const std::string& path) {
  for (const Json::Member& member : json.members()) {
    std::string known;
    bool found = false;
    const auto offer = [&](std::string_view name) {
      found = found || name == member.first;
      known += known.empty() ? "" : ", ";
      known += name;
    };
    for (const auto& auth : spec.auths()) {
      for (std::size_t i = 0; i < auth.field_count; ++i) offer(auth.fields[i]);
    }
    if (spec.http().any()) offer(network_field);
    std::apply([&](const auto&... field) { (offer(field.name), ...); }, spec.fields());
    if (found) continue;
    return refuse(path.empty() ? member.first : path + "." + member.first,
                  "is not known here; known: " + (known.empty() ? "nothing" : known) + ".");
  }
  return {};
}

template <typename SpecType, typename Config>
Status parse_object(const SpecType& spec, const Json& json, const std::string& path,
                    Config& config) {
  if (!json.is_object()) return refuse(path, "must be an object.");
  RONDOM_TRY(check_names(spec, json, path));
  Status status;
  const auto read = [&](const auto& field) {
    if (status.ok()) status = parse_field(field, json, path, config);
  };
  std::apply([&](const auto&... field) { (read(field), ...); }, spec.fields());
  return status;
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
