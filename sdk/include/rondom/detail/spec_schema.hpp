// JSON Schema (2020-12) of a Spec. What JSON Schema has no word for: "x-secret" on a field,
// "x-auth" on the whole.
#pragma once

#include <string_view>
#include <tuple>

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

template <typename SpecType>
void write_auth(JsonWriter& out, const SpecType& spec) {
  const auto& auth = spec.auth();
  out.name("x-auth").begin_object().name("kind").text(auth.kind);
  if (!auth.header.empty()) out.name("header").text(auth.header);
  out.name("fields").begin_list();
  for (std::size_t i = 0; i < auth.field_count; ++i) out.text(auth.fields[i]);
  out.end_list().end_object();
}

/// Writes the whole schema; for a nested struct only its members, as the caller has the braces.
template <typename SpecType>
void write_schema(JsonWriter& out, const SpecType& spec, bool top) {
  const auto& auth = spec.auth();
  if (top) {
    out.begin_object();
    out.name("$schema").text("https://json-schema.org/draft/2020-12/schema");
    out.name("title").text(spec.title());
  }
  out.name("description").text(spec.description()).name("type").text("object");
  if (auth.field_count > 0) write_auth(out, spec);
  out.name("properties").begin_object();
  for (std::size_t i = 0; i < auth.field_count; ++i) {
    out.name(auth.fields[i]).begin_object().name("type").text("string");
    out.name("description").text(auth.description);
    if (i + 1 == auth.field_count) out.name("x-secret").boolean(true);
    out.end_object();
  }
  std::apply([&](const auto&... field) { (write_property(out, field), ...); }, spec.fields());
  out.end_object().name("required").begin_list();
  for (std::size_t i = 0; i < auth.field_count; ++i) out.text(auth.fields[i]);
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
