// nicknames: which folded given names are forms of one another. Constant data, any thread.
#pragma once

#include <span>
#include <string_view>

namespace rondom {

/// Each line is one family of given names, folded, separated by single spaces. A name may stand in
/// several lines; two names are forms of one another when one line holds both.
std::span<const std::string_view> nickname_lines();

/// Both folded, one word each.
bool are_nicknames(std::string_view a, std::string_view b);

/// Stands in one of the lines, or among common names that have no short forms: a name that people
/// have.
bool is_known_given_name(std::string_view folded);

/// The second of these two: common names without short forms.
bool is_common_given_name(std::string_view folded);

}  // namespace rondom
