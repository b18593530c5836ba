// name_case: names in ALL CAPS or all lower case as people write them. Pure functions, any thread.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace rondom::normalize {

enum class LetterCase { mixed, all_capitals, all_lower, no_letters };
LetterCase letter_case(std::string_view text);

/// "VAN DER BERG-DE VRIES" -> "Van der Berg-de Vries", "o'brien" -> "O'Brien", "MCDONALD" ->
/// "McDonald"; with `dutch` "ijsbrand" -> "IJsbrand". For text that is not of mixed case.
std::string_view to_name_case(std::string_view text, bool dutch, Arena& arena);

/// "J.H.M." of "JHM", "j h m" or "J. H.M."; the text itself when it holds anything else. `run`: may
/// a single word be a run of initials?
std::string_view to_initials(std::string_view text, bool run, Arena& arena);

}  // namespace rondom::normalize
