#include "pipeline/normalize/given_words.h"

#include <algorithm>

#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

bool is_initial(std::string_view word, bool capitals_tell) {
  return is_initial_word(word) || (capitals_tell && is_capitals_run(word));
}

// Given names with a particle, "St." or a title of nobility among them are read wrongly.
bool has_odd_given(const NameWords& words, std::size_t first, std::size_t end) {
  for (std::size_t at = first; at < end; ++at) {
    const auto word = words.word[at];
    const auto stop = word.find('.');
    const bool abbreviated = stop != std::string_view::npos && !is_initial_word(word);
    const bool more = at + 1 < end;
    if (abbreviated && (more || stop + 1 != word.size())) return true;  // "Dr.ir.", "Dkfm. Karl"
    if (abbreviated && is_title_before(word)) return true;              // "The Rev. John"
    // Monsieur or an initial, and what is left of "Dr. h. c.".
    const bool initial = word.size() == 2 && word[1] == '.';
    if (initial && more && (word[0] == 'M' || lower_ascii_char(word[0]) == word[0]) &&
        !is_initial_word(words.word[at + 1])) {
      return true;
    }
    if (is_bound_to_next(word) || is_nobility(word) || (at != first && is_any_particle(word))) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_capitals_run(std::string_view word) {
  return word.size() >= 2 && word.size() <= 4 &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         word.find_first_of("AEIOUY") == std::string_view::npos;
}

bool read_given(const NameWords& words, std::size_t first, std::size_t end, bool capitals_tell,
                Split& split) {
  if (first == end) return true;
  if (has_odd_given(words, first, end)) return false;
  std::size_t names = first;
  while (names < end && !is_initial(words.word[names], capitals_tell)) ++names;
  std::size_t initials = names;
  while (initials < end && is_initial(words.word[initials], capitals_tell)) ++initials;
  if (names == first && initials == end) {
    split.initials = words.range(first, end);
    return true;
  }
  if (end - first > given_words_max) return false;
  if (initials == end && names != first) {
    split.given = words.range(first, names);
    split.middle = words.range(names, end);
  } else {
    split.given = words.range(first, end);
  }
  return true;
}

}  // namespace rondom::normalize
