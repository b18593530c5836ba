// address: house numbers, additions and units out of street lines. Pure functions, any thread.
//
// What is taken apart is what a reader of the country would take apart in the same way without
// knowing the place; everything else stays as it was written (tests/corpora/README.md has the
// conventions).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace rondom::normalize {

struct StreetLine {
  std::string_view street, house_number, suffix, unit;  // views of the text, or in the arena
};

enum class AddressSplit : std::uint8_t {
  nothing,    // there is no number in it
  split,      // `line` holds the parts
  uncertain,  // there is one, but not for certain which: keep the text
};

/// "Kerkstraat 12 a-3" -> Kerkstraat, 12, a-3; "Rue Haute 12 bte 3" -> Rue Haute, 12, unit bte 3;
/// "Flat 3, 12 High Street" -> High Street, 12, unit Flat 3; "Postbus 123" -> Postbus, 123.
/// `country` says whether the number stands behind the street or before it.
AddressSplit split_street(std::string_view text, std::string_view country, StreetLine& line,
                          Arena& arena);
/// "12a", "12-3", "12 bus 4": the number and what follows it; nothing when it is a number alone.
AddressSplit split_house_number(std::string_view text, std::string_view country, StreetLine& line,
                                Arena& arena);

struct WholeAddress {
  StreetLine street;
  std::string_view postcode, locality, country;  // the country as written; empty = none named
};

/// "Kerkstraat 12, 1234 AB Utrecht, Nederland" -> parts. `country` (ISO 3166-1 alpha-2) is whose
/// rules hold unless the text names another one. False when any part is uncertain.
bool split_whole_address(std::string_view text, std::string_view country, WholeAddress& address,
                         Arena& arena);

}  // namespace rondom::normalize
