// given_words: what stands before the surname in a whole name. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "pipeline/normalize/name_ends.h"
#include "pipeline/normalize/name_words.h"

namespace rondom::normalize {

inline constexpr std::size_t given_words_max = 3;

/// "JHM": two to four capitals that form no word.
bool is_capitals_run(std::string_view word);

/// Initials, or given names with initials after them, of the words `first` up to but without `end`,
/// into `split`. `capitals_tell`: the name is not all in capitals. False when they may be anything
/// else.
bool read_given(const NameWords& words, std::size_t first, std::size_t end, bool capitals_tell,
                Split& split);

}  // namespace rondom::normalize
