// street_number: street lines with the number behind the name and before it. Pure functions, any
// thread.
#pragma once

#include <array>
#include <string_view>

#include "pipeline/normalize/address.h"
#include "pipeline/normalize/address_words.h"

namespace rondom::normalize {

/// "Kerkstraat 12 A": takes a text with at least one digit.
AddressSplit split_number_behind(std::string_view text, std::string_view country, StreetLine& line,
                                 Arena& arena);
/// "12 bis, rue Haute", "Flat 3, 12 High Street": takes a text with at least one digit.
AddressSplit split_number_before(std::string_view text, std::string_view country, StreetLine& line,
                                 Arena& arena);
/// "12 rue Haute", "12, av. Louise".
bool starts_french_street(std::string_view text);

inline constexpr std::size_t line_parts_max = 8;
/// The parts of a line between commas, trimmed, empty ones left out.
struct LineParts {
  std::array<std::string_view, line_parts_max> part;
  std::size_t count = 0;
  bool complete = true;
};
LineParts line_parts(std::string_view text);

/// Is word `at` a number that belongs to the name of the street: "8" of "rue du 8 mai 1945", "1945"
/// of "Plein 1945", "2e" of "Van Galenstraat 2e dwarsstraat"?
bool is_number_of_name(const LineWords& words, std::size_t at);

}  // namespace rondom::normalize
