// house_number: the number of a house and what stands behind it. Pure functions, any thread.
#pragma once

#include <string_view>

#include "pipeline/normalize/address.h"

namespace rondom::normalize {

inline constexpr std::size_t house_number_digits_max = 5;
inline constexpr std::size_t house_suffix_bytes_max = 24;
inline constexpr std::size_t unit_bytes_max = 60;

/// Reads "12", "12 A 3hoog", "12-14", "12/3 bus 4" that starts with a digit and goes to the end of
/// `text` into all parts of `line` but the street. False when the rest is anything else ("12
/// Gouda").
bool read_house_number(std::string_view text, std::string_view country, StreetLine& line,
                       Arena& arena);

/// Does a part of an address line between commas name a unit, a floor, a post box beside the
/// street, or somebody it goes through?
bool is_unit_text(std::string_view text, std::string_view country);

/// "12-14", "12/16": two numbers of one range, the second the greater one. The bytes it takes; 0 =
/// none.
std::size_t number_range(std::string_view text);

}  // namespace rondom::normalize
