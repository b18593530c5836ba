// name_ends: what stands around the names in a whole name: titles, generations, a call name. Pure
// functions, any thread.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace rondom::normalize {

/// The parts of a whole name; views of it.
struct Split {
  std::string_view title_before, given, initials, middle, prefix, surname, suffix, title_after,
      nickname;
};

/// Takes "Jr", "MSc" off the end; leaves at least `least` words, and a whole name before "MA".
/// `capitals_tell`: the text is not all in capitals.
void take_tail(std::string_view& text, std::size_t least, bool capitals_tell, Split& split);
/// Takes "Prof. dr.", "De heer" off the start; leaves a word.
void take_titles(std::string_view& text, Split& split);
/// "Johannes (Jan) de Vries": a call name in the middle. False for anything else in parentheses.
bool take_nickname(std::string_view& text, Split& split, Arena& arena);

}  // namespace rondom::normalize
