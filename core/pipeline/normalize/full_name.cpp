// split_full_name(): "Berg, Jan van der" and "Dr. J.A. van der Berg Jr." -> parts.
#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/name_case.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/person_name.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t given_words_max = 3;
constexpr std::size_t words_without_particle_max = 4;

// Where people carry two surnames, the last word alone is not the surname.
bool has_two_surnames(std::string_view country) {
  for (const std::string_view other : {"ES", "PT", "MX", "AR", "CO", "CL", "PE", "VE", "BR"}) {
    if (country == other) return true;
  }
  return false;
}

struct Split {
  std::string_view title_before, given, initials, middle, prefix, surname, suffix, title_after,
      nickname;
};

std::string_view trim_commas(std::string_view text) {
  text = trim_ascii(text);
  while (!text.empty() && text.back() == ',') text = trim_ascii(text.substr(0, text.size() - 1));
  return text;
}

// Takes "Jr", "MSc" off the end; leaves at least `least` words.
void take_tail(std::string_view& text, std::size_t least, Split& split) {
  for (bool taken = true; taken;) {
    taken = false;
    const NameWords words = name_words(text);
    if (words.count <= least || !words.complete) return;
    const auto word = words.word[words.count - 1];
    if (split.suffix.empty() && split.title_after.empty() && !suffix_of(word).empty()) {
      split.suffix = suffix_of(word);
      taken = true;
    } else if (is_title_after(word)) {
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
    else if (is_title_before(words.word[count]))
      ++count;
    else
      break;
  }
  if (count == 0) return;
  split.title_before = words.range(0, count);
  text = text.substr(static_cast<std::size_t>(words.word[count].data() - text.data()));
}

// "Johannes (Jan) de Vries": a call name in the middle. False for anything else in parentheses.
bool take_nickname(std::string_view& text, Split& split, Arena& arena) {
  const auto open = text.find('(');
  if (open == std::string_view::npos) return text.find(')') == std::string_view::npos;
  const auto close = text.find(')', open);
  if (close == std::string_view::npos || open == 0) return false;
  const auto inside = text.substr(open + 1, close - open - 1);
  if (inside.empty() || inside.find(' ') != std::string_view::npos) return false;
  split.nickname = inside;
  const auto before = trim_ascii(text.substr(0, open));
  const auto after = trim_ascii(text.substr(close + 1));
  if (before.empty() || after.empty()) return false;
  text = concatenate({before, " ", after}, arena);
  return true;
}

bool is_capitals_run(std::string_view word) {
  return word.size() >= 2 && word.size() <= 4 &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         word.find_first_of("AEIOUY") == std::string_view::npos;
}

bool is_initial(std::string_view word, bool capitals_tell) {
  return is_initial_word(word) || (capitals_tell && is_capitals_run(word));
}

// What stands before the surname: initials, or given names with initials after them.
bool read_given(const NameWords& words, std::size_t first, std::size_t end, bool capitals_tell,
                Split& split) {
  if (first == end) return true;
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

bool ends_in_double_name(std::string_view word) {
  const auto hyphen = word.rfind('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return false;
  const auto after = word.substr(hyphen + 1);
  return after.empty() || is_particle(after);
}

// A lone capital "Van" in front may be a given name; "van", "De" and "van der" are none.
bool starts_with_surname(const NameWords& words, std::size_t run) {
  if (!is_safe_particle(words.word[0])) return false;
  return run > 1 || words.word[0] != "Van";
}

bool split_natural(std::string_view text, std::string_view country, bool capitals_tell,
                   Split& split) {
  const NameWords words = name_words(text);
  if (!words.complete || words.count == 0) return false;
  if (words.count == 1) {
    split.surname = text;
    return !split.title_before.empty();
  }
  for (std::size_t at = 0; at + 1 < words.count; ++at) {
    const std::size_t run = particle_run(words, at, words.count);
    if (run == 0) continue;
    if (at == 0 && !starts_with_surname(words, run)) continue;
    split.prefix = words.range(at, at + run);
    split.surname = words.range(at + run, words.count);
    return read_given(words, 0, at, capitals_tell, split);
  }
  std::size_t surname = words.count - 1;
  for (std::size_t at = words.count - 1; at >= 1; --at) {
    if (ends_in_double_name(words.word[at]) || words.word[at] == "-") surname = at;
  }
  if (words.word[surname] == "-") --surname;
  if (surname == 0 || words.count > words_without_particle_max) return false;
  split.surname = words.range(surname, words.count);
  if (!read_given(words, 0, surname, capitals_tell, split)) return false;
  const bool several_given = split.given.find(' ') != std::string_view::npos;
  return !(several_given && has_two_surnames(country));
}

// "Berg, Jan van der" and "van der Berg, J.A.".
bool split_inverted(std::string_view left, std::string_view right, bool capitals_tell,
                    Split& split) {
  take_titles(right, split);
  const NameWords before = name_words(left);
  const NameWords after = name_words(right);
  if (!before.complete || !after.complete || before.count == 0 || after.count == 0) return false;
  std::size_t run = particle_run(before, 0, before.count);
  split.prefix = before.range(0, run);
  split.surname = before.range(run, before.count);
  std::size_t end = after.count;
  if (run == 0) {
    run = trailing_particles(after, end);
    split.prefix = after.range(end - run, end);
    end -= run;
  }
  if (before.count > words_without_particle_max) return false;
  return read_given(after, 0, end, capitals_tell, split) && after.count != run;
}

bool is_unfit(std::string_view text) {
  if (text.find_first_of("0123456789@/&+;:\"") != std::string_view::npos) return true;
  const NameWords words = name_words(text);
  return !words.complete ||
         std::any_of(words.word.begin(),
                     words.word.begin() + static_cast<std::ptrdiff_t>(words.count),
                     is_no_person_word);
}

bool split_text(std::string_view text, std::string_view country, Split& split, Arena& arena) {
  if (is_unfit(text) || !take_nickname(text, split, arena)) return false;
  const bool capitals_tell = letter_case(text) == LetterCase::mixed;
  take_titles(text, split);
  take_tail(text, 1, split);
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return split_natural(text, country, capitals_tell, split);
  if (text.find(',', comma + 1) != std::string_view::npos) return false;
  return split_inverted(trim_ascii(text.substr(0, comma)), trim_ascii(text.substr(comma + 1)),
                        capitals_tell, split);
}

}  // namespace

void split_full_name(PersonName& name, std::string_view country, Arena& arena) {
  const NamePart full = name[attribute::name_full];
  Split split;
  if (full.value.empty() || !split_text(full.value, country, split, arena)) return;
  const auto take = [&](AttributeId id, std::string_view value) {
    name.take(id, value, full, Rule::name_split);
  };
  take(attribute::name_title_before, split.title_before);
  take(attribute::name_given, split.given);
  take(attribute::name_initials, split.initials);
  take(attribute::name_middle, split.middle);
  take(attribute::name_surname_prefix, split.prefix);
  take(attribute::name_surname, split.surname);
  take(attribute::name_suffix, split.suffix);
  take(attribute::name_title_after, split.title_after);
  take(attribute::name_nickname, split.nickname);
}

}  // namespace rondom::normalize
