// What a Spec keeps of one field, and what kinds of members there are.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../json.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

inline constexpr std::size_t choices_max = 24;
/// The field of every connector on the host's HTTP that is the host's to read.
inline constexpr std::string_view network_field = "network";

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsMap : std::false_type {};
template <typename T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <typename T>
struct IsDuration : std::false_type {};
template <typename R, typename P>
struct IsDuration<std::chrono::duration<R, P>> : std::true_type {};

template <typename T>
concept HasSpec = requires {
  T::spec;
};

/// The spec of a nested struct: a constant or a static function.
template <HasSpec T>
constexpr auto spec_of() {
  if constexpr (requires { T::spec(); })
    return T::spec();
  else
    return T::spec;
}

template <typename T>
constexpr auto scalar_of() {
  if constexpr (IsOptional<T>::value || IsVector<T>::value)
    return scalar_of<typename T::value_type>();
  else if constexpr (std::is_same_v<T, bool>)
    return bool{};
  else if constexpr (std::is_integral_v<T> || IsDuration<T>::value)
    return std::int64_t{};
  else if constexpr (std::is_floating_point_v<T>)
    return double{};
  else
    return std::string_view{};
}

/// Literal type in which fallback and range of a member are kept.
template <typename T>
using Scalar = decltype(scalar_of<T>());

template <typename Config, typename Member>
struct Field {
  using MemberType = Member;

  constexpr Field(std::string_view field_name, Member Config::*pointer, std::string_view text)
      : name(field_name), description(text), member(pointer) {}

  template <typename Value>
  constexpr void set_fallback(Value value) {
    static_assert(!IsVector<Member>::value && !IsMap<Member>::value && !HasSpec<Member>,
                  "only scalars have a fallback");
    fallback = static_cast<Scalar<Member>>(value);
    has_fallback = true;
  }
  template <typename Low, typename High>
  constexpr void set_range(Low from, High to) {
    static_assert(std::is_arithmetic_v<Scalar<Member>>, "only numbers have a range");
    low = static_cast<Scalar<Member>>(from);
    high = static_cast<Scalar<Member>>(to);
    has_range = true;
  }

  std::string_view name;
  std::string_view description;
  Member Config::*member;
  bool required = false;
  bool secret = false;
  bool has_fallback = false;
  bool has_range = false;
  Scalar<Member> fallback{};
  Scalar<Member> low{};
  Scalar<Member> high{};
  std::string_view example;
  std::array<std::string_view, choices_max> choices{};
  std::size_t choice_count = 0;
};

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
