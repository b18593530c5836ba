#include "pipeline/normalize/name_ends.h"

#include "base/base.h"
#include "pipeline/normalize/name_case.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
void take_tail(std::string_view& text, std::size_t least, bool capitals_tell, Split& split) {
  for (bool taken = true; taken;) {
    taken = false;
    const NameWords words = name_words(text);
    if (words.count <= least || !words.complete) return;
    const auto word = words.word[words.count - 1];
    if (split.suffix.empty() && split.title_after.empty() && !suffix_of(word).empty()) {
      split.suffix = suffix_of(word);
      taken = true;
    } else if (is_title_after(trim_commas(word)) ||
               (capitals_tell && words.count > 2 && is_short_title_after(word))) {
      const auto end = split.title_after.empty()
                           ? word.data() + word.size()
                           : split.title_after.data() + split.title_after.size();
      split.title_after = {word.data(), static_cast<std::size_t>(end - word.data())};
      taken = true;
    }
    if (taken) text = trim_commas(words.range(0, words.count - 1));
  }
}

void take_titles(std::string_view& text, Split& split) {
  const NameWords words = name_words(text);
  std::size_t count = 0;
  while (count + 1 < words.count) {
    const bool de_heer = count + 2 < words.count && equals_ignoring_case(words.word[count], "de") &&
                         equals_ignoring_case(words.word[count + 1], "heer");
    if (de_heer)
      count += 2;
    else if (is_title_before(words.word[count]) || (count != 0 && is_title_rest(words.word[count])))
      ++count;
    else
      break;
  }
  if (count == 0) return;
  split.title_before = words.range(0, count);
  text = text.substr(static_cast<std::size_t>(words.word[count].data() - text.data()));
}

bool take_nickname(std::string_view& text, Split& split, Arena& arena) {
  const auto open = text.find('(');
  if (open == std::string_view::npos) return text.find(')') == std::string_view::npos;
  const auto close = text.find(')', open);
  if (close == std::string_view::npos || open == 0) return false;
  const auto inside = text.substr(open + 1, close - open - 1);
  if (inside.empty() || inside.find(' ') != std::string_view::npos) return false;
  const bool degree = inside.size() <= 4 && letter_case(inside) == LetterCase::all_capitals &&
                      letter_case(text) == LetterCase::mixed;
  if (degree) return false;  // "Dipl.-Ing. (FH)"
  split.nickname = inside;
  const auto before = trim_ascii(text.substr(0, open));
  const auto after = trim_ascii(text.substr(close + 1));
  if (before.empty() || after.empty()) return false;
  text = concatenate({before, " ", after}, arena);
  return true;
}

}  // namespace rondom::normalize
