// names: comparing the names of people. Pure functions, any thread. ICU inside.
#pragma once

#include <string>
#include <string_view>

namespace rondom {

/// Comparison form of a name part: NFKD, case and diacritics folded, punctuation dropped, white
/// space single. ASCII input takes a fast path with the same result.
std::string fold_name(std::string_view name);

/// Do two given names allow the same person: equal when folded, one the initial of the other, known
/// nicknames of each other, or one missing?
bool given_names_compatible(std::string_view a, std::string_view b);

}  // namespace rondom
