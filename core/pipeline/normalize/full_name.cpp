// split_full_name(): "Berg, Jan van der" and "Dr. J.A. van der Berg Jr." -> parts.
#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/given_words.h"
#include "pipeline/normalize/name_case.h"
#include "pipeline/normalize/name_ends.h"
#include "pipeline/normalize/name_kind.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/person_name.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t words_without_particle_max = 4;
constexpr std::size_t initials_run_max = 3;  // capitals that may be initials

// Where people carry two surnames, the last word alone is not the surname.
bool has_two_surnames(std::string_view country) {
  for (const std::string_view other : {"ES", "PT", "MX", "AR", "CO", "CL", "PE", "VE", "BR"}) {
    if (country == other) return true;
  }
  return false;
}

// Where people write the surname first, and abroad sometimes do not.
bool writes_surname_first(std::string_view country) {
  for (const std::string_view other : {"HU", "CN", "JP", "KR", "VN", "TW", "HK"}) {
    if (country == other) return true;
  }
  return false;
}

bool ends_in_double_name(std::string_view word) {
  const auto hyphen = word.rfind('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return false;
  const auto after = word.substr(hyphen + 1);
  return after.empty() || is_particle(after);
}

// A lone capital "Van" in front may be a given name; "van", "De" and "van der" are none.
bool starts_with_surname(const NameWords& words, std::size_t run, bool titled) {
  if (titled) return true;  // "Monsieur Van Dyck"
  if (!is_safe_particle(words.word[0])) return false;
  return run > 1 || words.word[0] != "Van";
}

bool is_spaced_hyphen(std::string_view word) {
  return word == "-" || word == "–";
}

// One surname, or two that a hyphen joins: "Berg", "Berg-de Vries", "Berg - de Vries".
bool is_one_surname(const NameWords& words, std::size_t first, std::size_t end) {
  for (std::size_t at = first; at + 1 < end; ++at) {
    const auto word = words.word[at];
    const bool goes_on = ends_in_double_name(word) || is_spaced_hyphen(word) ||
                         is_spaced_hyphen(words.word[at + 1]) || is_bound_to_next(word) ||
                         (at != first && is_any_particle(word));
    if (!goes_on) return false;
  }
  return first < end;
}

bool is_all_capitals(std::string_view word) {
  return letter_case(word) == LetterCase::all_capitals && word.find('.') == std::string_view::npos;
}

enum class Order { natural, surname_first, unclear };

// "DE SMET Jan", "DUPONT Jean-Pierre": the surname in capitals, the given names not. Three capitals
// may be initials or a name.
Order order_of(const NameWords& words, std::size_t& surname_end) {
  std::size_t at = 0;
  bool long_word = false;
  while (at < words.count && is_all_capitals(words.word[at])) {
    long_word = long_word || words.word[at].size() > initials_run_max;
    ++at;
  }
  if (at == 0 || at == words.count) return Order::natural;
  const bool particles = particle_run(words, 0, at) != 0;
  for (std::size_t rest = at; rest < words.count; ++rest) {
    if (is_particle(words.word[rest])) return Order::natural;
    if (is_all_capitals(words.word[rest])) return Order::unclear;
  }
  surname_end = at;
  if (long_word) return Order::surname_first;
  if (particles && at > 1) return Order::surname_first;
  const auto first = words.word[0];
  const bool initials = is_initial_word(first) || is_capitals_run(first);
  if (at == 1 && (initials || first.size() == 2)) return Order::natural;
  return at == 1 ? Order::unclear : Order::natural;
}

bool split_surname_first(const NameWords& words, std::size_t surname_end, bool french,
                         Split& split) {
  const std::size_t run = particle_run(words, 0, surname_end, french);
  split.prefix = words.range(0, run);
  split.surname = words.range(run, surname_end);
  return read_given(words, surname_end, words.count, true, split) &&
         words.count - surname_end <= given_words_max;
}

// "Jansen J.A.", "Bakker RA", "Berg van der": what stands last is no surname.
bool has_odd_end(const NameWords& words, bool capitals_tell) {
  const auto last = words.word[words.count - 1];
  if (is_safe_particle(last)) return true;
  const auto stop = last.find('.');
  if (stop != std::string_view::npos && (stop + 1 != last.size() || is_initial_word(last))) {
    return true;
  }
  if (!capitals_tell) return false;
  return is_capitals_run(last) || (last.size() == 2 && is_all_capitals(last));
}

// Where a particle begins the surname; words.count when there is none.
std::size_t find_particles(const NameWords& words, bool french, bool titled, std::size_t& run) {
  for (std::size_t at = 0; at + 1 < words.count; ++at) {
    run = particle_run(words, at, words.count, french);
    if (run == 0 || (at == 0 && !starts_with_surname(words, run, titled))) continue;
    if (at != 0 && words.word[at - 1].back() == '-') continue;  // of the second of two surnames
    return at;
  }
  run = 0;
  return words.count;
}

bool is_article(std::string_view word) {
  for (const std::string_view article : {"le", "la", "les"}) {
    if (equals_ignoring_case(word, article)) return true;
  }
  return false;
}

// Where the surname begins without a particle.
std::size_t last_surname(const NameWords& words, bool french) {
  std::size_t surname = words.count - 1;
  for (std::size_t at = words.count - 1; at >= 1; --at) {
    if (ends_in_double_name(words.word[at]) || is_spaced_hyphen(words.word[at])) surname = at;
  }
  if (is_spaced_hyphen(words.word[surname])) --surname;
  while (surname > 1 && is_bound_to_next(words.word[surname - 1])) --surname;
  if (french && surname > 1 && is_article(words.word[surname - 1])) --surname;
  return surname;
}

bool split_natural(std::string_view text, std::string_view country, bool capitals_tell,
                   Split& split) {
  const bool french = country == "FR";
  const NameWords words = name_words(text);
  if (!words.complete || words.count == 0) return false;
  if (words.count == 1) {
    split.surname = text;
    return !split.title_before.empty();
  }
  std::size_t surname_end = 0;
  const Order order = capitals_tell ? order_of(words, surname_end) : Order::natural;
  if (order == Order::unclear) return false;
  if (order == Order::surname_first) {
    return split_surname_first(words, surname_end, french, split);
  }
  if (writes_surname_first(country) || has_odd_end(words, capitals_tell)) return false;
  std::size_t run = 0;
  const std::size_t at = find_particles(words, french, !split.title_before.empty(), run);
  if (at < words.count) {
    split.prefix = words.range(at, at + run);
    split.surname = words.range(at + run, words.count);
    if (at == 0 && !is_one_surname(words, run, words.count)) return false;
    if (has_two_surnames(country) && (at > 1 || at + run + 1 != words.count)) return false;
    return read_given(words, 0, at, capitals_tell, split);
  }
  const std::size_t surname = last_surname(words, french);
  if (surname == 0 || surname >= words_without_particle_max) return false;
  split.surname = words.range(surname, words.count);
  if (!read_given(words, 0, surname, capitals_tell, split)) return false;
  const bool several_given = split.given.find(' ') != std::string_view::npos;
  return !(several_given && has_two_surnames(country));
}

bool are_particles(std::string_view text) {
  const NameWords words = name_words(text);
  if (!words.complete || words.count == 0) return false;
  return std::all_of(words.word.begin(),
                     words.word.begin() + static_cast<std::ptrdiff_t>(words.count),
                     is_any_particle);
}

// "Berg, Jan van der", "van der Berg, J.A.", "Berg van der, J.A."; `particles` of "Berg, van der,
// J.A.".
bool split_inverted(std::string_view left, std::string_view right, std::string_view particles,
                    std::string_view country, bool capitals_tell, Split& split) {
  take_titles(right, split);
  const NameWords before = name_words(left);
  const NameWords after = name_words(right);
  if (!before.complete || !after.complete || before.count == 0 || after.count == 0) return false;
  std::size_t run = particle_run(before, 0, before.count, country == "FR");
  std::size_t surname_end = before.count;
  split.prefix = before.range(0, run);
  if (run == 0) {
    surname_end -= trailing_particles(before, before.count);
    split.prefix = before.range(surname_end, before.count);
  }
  split.surname = before.range(run, surname_end);
  std::size_t end = after.count;
  if (split.prefix.empty() && particles.empty()) {
    const std::size_t trailing = trailing_particles(after, end);
    split.prefix = after.range(end - trailing, end);
    end -= trailing;
  } else if (!particles.empty()) {
    if (!split.prefix.empty()) return false;
    split.prefix = particles;
  }
  if (before.count > words_without_particle_max || end == 0) return false;
  return read_given(after, 0, end, capitals_tell, split);
}

bool is_unfit(std::string_view text) {
  if (text.find_first_of("0123456789@/&+;:\"") != std::string_view::npos) return true;
  const NameWords words = name_words(text);
  if (!words.complete) return true;
  for (std::size_t at = 0; at < words.count; ++at) {
    const auto word = words.word[at];
    const bool von_und_zu = at != 0 && at + 1 < words.count && equals_ignoring_case(word, "und") &&
                            is_particle(words.word[at - 1]) && is_particle(words.word[at + 1]);
    if (word == "u." || (is_no_person_word(word) && !von_und_zu)) return true;
  }
  return false;
}

bool split_text(std::string_view text, std::string_view country, Split& split, Arena& arena) {
  if (is_unfit(text) || !take_nickname(text, split, arena)) return false;
  const bool capitals_tell = letter_case(text) == LetterCase::mixed;
  take_titles(text, split);
  take_tail(text, 1, capitals_tell, split);
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return split_natural(text, country, capitals_tell, split);
  const auto left = trim_ascii(text.substr(0, comma));
  auto right = trim_ascii(text.substr(comma + 1));
  std::string_view particles;
  const auto second = right.find(',');
  if (second != std::string_view::npos) {  // "Berg, van den, Jan" or "Berg, Jan, van den"
    const auto middle = trim_ascii(right.substr(0, second));
    const auto last = trim_ascii(right.substr(second + 1));
    if (last.find(',') != std::string_view::npos) return false;
    const bool in_the_middle = are_particles(middle);
    if (!in_the_middle && !are_particles(last)) return false;
    particles = in_the_middle ? middle : last;
    right = in_the_middle ? last : middle;
  }
  return split_inverted(left, right, particles, country, capitals_tell, split);
}

}  // namespace

bool split_full_name(PersonName& name, std::string_view country, Arena& arena) {
  const NamePart full = name[attribute::name_full];
  if (full.value.empty()) return false;
  Split split;
  if (names_organization(full.value)) {
    name[attribute::name_full].rule = Rule::organization_name;
    return false;
  }
  const bool certain = split_text(full.value, country, split, arena) &&
                       !(!split.surname.empty() && says_nothing(split.surname)) &&
                       !(!split.given.empty() && says_nothing(split.given));
  if (!certain) {
    name[attribute::name_full].rule = Rule::uncertain;
    return false;
  }
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
  return true;
}

}  // namespace rondom::normalize
