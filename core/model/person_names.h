// person_names: what a record says that tells people at one contact point apart: names as parts or
// as a whole, and the date of birth. Pure functions, any thread. Views live as long as the bytes
// they were read from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rondom {

struct NameParts {
  std::string_view full, given, initials, surname, birth, suffix, organization;
  bool names_organization = false;  // the whole name does
  bool is_whole() const { return given.empty() && initials.empty() && surname.empty(); }
};
/// As they stand in a canonical record.
NameParts name_parts(std::string_view canonical);

/// Folded; empty when it may be something else than somebody's name: a firm's, a user's, an
/// address, a surname alone.
std::string whole_name(const NameParts& parts);

/// yyyymmdd of a complete date, else 0.
std::uint32_t full_date(std::string_view text);
/// Two full dates that may be one: equal, day and month swapped, or one digit different.
bool births_compatible(std::uint32_t a, std::uint32_t b);

/// Which word of a whole name (folded) is the given one is not known, so it is enough that one may
/// be it, or that all of them are the surname. A name in another script says nothing about one in
/// Latin letters; others are often written in one word. `surnames`: those that are said beside
/// `given`.
bool full_name_may_hold(std::string_view full, std::string_view given,
                        std::span<const std::string_view> surnames);
/// Two whole names (folded) of one person: each word of the shorter one is one of the longer one,
/// and each another one.
bool full_names_compatible(std::string_view one, std::string_view other);

/// May two surnames be one, written differently, or one of a double name? Of those in two scripts
/// nobody knows.
bool surnames_related(std::string_view one, std::string_view other);

/// Could these two records of people, who share a contact point, be one person's? Yes, unless their
/// names or their dates of birth say otherwise.
bool may_be_same_person(std::string_view canonical, std::string_view other);

}  // namespace rondom
