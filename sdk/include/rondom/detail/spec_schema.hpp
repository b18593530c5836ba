// JSON Schema (2020-12) of a Spec. What JSON Schema has no word for: "x-secret" on a field,
// "x-auth" (a list of alternatives) and "x-http" on the whole.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "../auth.hpp"
#include "spec_types.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

template <typename SpecType>
void write_schema(JsonWriter& out, const SpecType& spec, bool top);

template <typename FieldType>
void write_scalar_limits(JsonWriter& out, const FieldType& field) {
  if (field.choice_count > 0) {
    out.name("enum").begin_list();
    for (std::size_t i = 0; i < field.choice_count; ++i) out.text(field.choices[i]);
    out.end_list();
  }
  if (!field.has_range) return;
  if constexpr (std::is_same_v<decltype(field.low), double>) {
    out.name("minimum").number(field.low).name("maximum").number(field.high);
  } else if constexpr (std::is_same_v<decltype(field.low), std::int64_t>) {
    out.name("minimum").integer(field.low).name("maximum").integer(field.high);
  }
}

/// The members of a schema object that say the type.
template <typename T, typename FieldType>
void write_type(JsonWriter& out, const FieldType& field) {
  if constexpr (std::is_same_v<T, Json>) {
    return;
  } else if constexpr (IsOptional<T>::value) {
    write_type<typename T::value_type>(out, field);
  } else if constexpr (IsVector<T>::value) {
    out.name("type").text("array").name("items").begin_object();
    write_type<typename T::value_type>(out, field);
    out.end_object();
  } else if constexpr (IsMap<T>::value) {
    out.name("type").text("object").name("additionalProperties").begin_object();
    write_type<typename T::mapped_type>(out, field);
    out.end_object();
  } else if constexpr (HasSpec<T>) {
    write_schema(out, spec_of<T>(), false);
  } else {
    constexpr std::string_view name = std::is_same_v<T, bool>                         ? "boolean"
                                      : std::is_integral_v<T> || IsDuration<T>::value ? "integer"
                                      : std::is_floating_point_v<T>                   ? "number"
                                                                                      : "string";
    out.name("type").text(name);
    write_scalar_limits(out, field);
    if (std::is_unsigned_v<T> && !std::is_same_v<T, bool> && !field.has_range) {
      out.name("minimum").integer(0);
    }
  }
}

template <typename FieldType>
void write_fallback(JsonWriter& out, const FieldType& field) {
  if (!field.has_fallback) return;
  out.name("default");
  using Value = std::remove_const_t<decltype(field.fallback)>;
  if constexpr (std::is_same_v<Value, bool>)
    out.boolean(field.fallback);
  else if constexpr (std::is_same_v<Value, std::int64_t>)
    out.integer(field.fallback);
  else if constexpr (std::is_same_v<Value, double>)
    out.number(field.fallback);
  else
    out.text(field.fallback);
}

template <typename FieldType>
void write_property(JsonWriter& out, const FieldType& field) {
  out.name(field.name).begin_object();
  write_type<typename FieldType::MemberType>(out, field);
  if constexpr (!HasSpec<typename FieldType::MemberType>) {
    out.name("description").text(field.description);
  }
  write_fallback(out, field);
  if (!field.example.empty()) out.name("examples").begin_list().text(field.example).end_list();
  if (field.secret) out.name("x-secret").boolean(true);
  out.end_object();
}

inline void write_auth(JsonWriter& out, const Auth& auth) {
  const auto text = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out.name(name).text(value);
  };
  out.begin_object().name("kind").text(auth.kind);
  text("header", auth.header);
  text("prefix", auth.prefix);
  text("query", auth.query);
  text("token_url", auth.token_url);
  text("token_url_field", auth.token_url_field);
  text("scope", auth.scope);
  text("audience", auth.audience);
  text("audience_field", auth.audience_field);
  text("instance", auth.instance);
  text("user_parameter", auth.user_parameter);
  text("key_parameter", auth.key_parameter);
  text("token_member", auth.token_member);
  if (auth.token_lifetime_secs > 0) {
    out.name("token_lifetime_secs").integer(auth.token_lifetime_secs);
  }
  out.name("fields").begin_list();
  for (std::size_t i = 0; i < auth.field_count; ++i) out.text(auth.fields[i]);
  out.end_list().end_object();
}

inline void write_http_use(JsonWriter& out, const HttpUse& http) {
  out.name("x-http").begin_object();
  if (!http.base_url.empty()) out.name("base_url").text(http.base_url);
  if (!http.base_url_field.empty()) out.name("base_url_field").text(http.base_url_field);
  out.name("hosts").begin_list();
  for (std::size_t i = 0; i < http.host_count; ++i) out.text(http.hosts[i]);
  out.end_list().name("host_fields").begin_list();
  for (std::size_t i = 0; i < http.host_field_count; ++i) out.text(http.host_fields[i]);
  out.end_list();
  if (http.requests_per_second > 0) {
    out.name("requests_per_second").number(http.requests_per_second);
  }
  if (http.concurrent_requests > 0) {
    out.name("concurrent_requests").integer(http.concurrent_requests);
  }
  out.end_object();
}

/// What users can say about the way to the system; the host reads it, not the plugin.
inline void write_network(JsonWriter& out) {
  const auto property = [&out](std::string_view name, std::string_view type,
                               std::string_view description) {
    out.name(name).begin_object().name("type").text(type);
    out.name("description").text(description).end_object();
  };
  out.name(network_field).begin_object();
  out.name("description").text("How Rondom reaches the system.").name("type").text("object");
  out.name("properties").begin_object();
  property("proxy", "string", "Address of a proxy; without it the environment's.");
  property("ca_file", "string", "Certificates to trust instead of the system's.");
  property("allow_plain_http", "boolean", "Send without encryption, credentials included.");
  property("requests_per_second", "number", "At most so many requests a second.");
  property("concurrent_requests", "integer", "At most so many requests at a time.");
  out.end_object().name("additionalProperties").boolean(false).end_object();
}

/// The fields of the alternatives, each name once.
template <typename SpecType>
void write_auth_properties(JsonWriter& out, const SpecType& spec) {
  std::string written = " ";
  for (const Auth& auth : spec.auths()) {
    for (std::size_t i = 0; i < auth.field_count; ++i) {
      const std::string name = std::string(auth.fields[i]) + " ";
      if (written.find(" " + name) != std::string::npos) continue;
      written += name;
      out.name(auth.fields[i]).begin_object().name("type").text("string");
      out.name("description").text(auth.description);
      if (i >= auth.secret_from) out.name("x-secret").boolean(true);
      out.end_object();
    }
  }
}

/// Writes the whole schema; for a nested struct only its members, as the caller has the braces.
template <typename SpecType>
void write_schema(JsonWriter& out, const SpecType& spec, bool top) {
  const auto auths = spec.auths();
  if (top) {
    out.begin_object();
    out.name("$schema").text("https://json-schema.org/draft/2020-12/schema");
    out.name("title").text(spec.title());
  }
  out.name("description").text(spec.description()).name("type").text("object");
  if (!auths.empty()) {
    out.name("x-auth").begin_list();
    for (const Auth& auth : auths) write_auth(out, auth);
    out.end_list();
  }
  if (spec.http().any()) write_http_use(out, spec.http());
  out.name("properties").begin_object();
  write_auth_properties(out, spec);
  std::apply([&](const auto&... field) { (write_property(out, field), ...); }, spec.fields());
  if (spec.http().any()) write_network(out);
  out.end_object().name("required").begin_list();
  // Of several alternatives the host asks for exactly one.
  if (auths.size() == 1) {
    for (std::size_t i = 0; i < auths[0].field_count; ++i) out.text(auths[0].fields[i]);
  }
  const auto require = [&](const auto& field) {
    if (field.required) out.text(field.name);
  };
  std::apply([&](const auto&... field) { (require(field), ...); }, spec.fields());
  out.end_list().name("additionalProperties").boolean(false);
  if (top) out.end_object();
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
