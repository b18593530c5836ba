// levels: the numbers of the levels that each kind of comparison knows, best first. level_names()
// gives their names in a model file.
#pragma once

#include <cstdint>

namespace rondom::probabilistic {

/// close: a slip, or written as it sounds. unlike: not alike, and not both names by themselves.
/// other: both are names that people have, and not forms of one another.
namespace given_levels {
inline constexpr std::uint8_t exact = 0, swapped = 1, nickname = 2, close = 3, initial = 4,
                              alike = 5, unlike = 6, other = 7;
}
namespace surname_levels {
inline constexpr std::uint8_t exact = 0, close = 1, part = 2, alike = 3, other = 4;
}
/// words: every word of the shorter one is in the longer one, whatever the order, slips and
/// abbreviations allowed.
namespace organization_levels {
inline constexpr std::uint8_t exact = 0, words = 1, close = 2, alike = 3, other = 4;
}
/// typo: one digit, two neighbours exchanged, or day and month exchanged. partial: equal as far as
/// both are known. near: two digits, or two of year, month and day equal. year: only the year
/// equal.
namespace birth_levels {
inline constexpr std::uint8_t exact = 0, typo = 1, partial = 2, near = 3, year = 4, other = 5;
}
/// local: the same before the @, unless the names, which agree, say as much. close: two slips at
/// most.
namespace email_levels {
inline constexpr std::uint8_t exact = 0, local = 1, close = 2, other = 3;
}
namespace phone_levels {
inline constexpr std::uint8_t exact = 0, tail = 1, typo = 2, other = 3;
}
namespace identifier_levels {
inline constexpr std::uint8_t exact = 0, typo = 1, near = 2, other = 3;
}
/// near: number and nearly the street, or number and postcode. street_area: the street and the
/// postcode or town, not the number. street: the street alone.
namespace address_levels {
inline constexpr std::uint8_t exact = 0, near = 1, street_area = 2, street = 3, postcode = 4,
                              locality = 5, other = 6;
}
namespace postcode_levels {
inline constexpr std::uint8_t exact = 0, typo = 1, area = 2, other = 3;
}
namespace locality_levels {
inline constexpr std::uint8_t exact = 0, close = 1, other = 2;
}
namespace text_levels {
inline constexpr std::uint8_t exact = 0, close = 1, other = 2;
}

}  // namespace rondom::probabilistic
