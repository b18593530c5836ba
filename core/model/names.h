// names: comparing the names of people. Pure functions, any thread. ICU inside.
#pragma once

#include <string>
#include <string_view>

namespace rondom {

/// Comparison form of a name part: compatibility forms, case and diacritics folded ("Müller" is
/// "muller", "Weiß" is "weiss", "Søren" is "soren"). Hyphens, full stops, commas and slashes become
/// a space, other punctuation is dropped, white space is single. ASCII input takes a fast path with
/// the same result. Folding twice changes nothing. Text that is no UTF-8 is folded as far as it is
/// ASCII.
std::string fold_name(std::string_view name);

/// Do two given names allow the same person: equal when folded, one the initial of the other, known
/// nicknames of each other, or one missing? Names of several parts are judged by their first part;
/// where that is only an initial, by every initial that both have ("J.A." and "J.P." differ).
bool given_names_compatible(std::string_view a, std::string_view b);

/// Could two given names be one, written differently: "Juan" and "Juann", "Annabelle" and
/// "Anabella"? First parts that differ in one letter (added, left out, changed, or two exchanged),
/// from eight letters on in two. Names under four letters and those in other scripts must be equal.
bool given_names_alike(std::string_view a, std::string_view b);

}  // namespace rondom
