#include "pipeline/normalize/person_name.h"

#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/name_case.h"
#include "pipeline/normalize/name_kind.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only

bool is_structural(Rule rule) {
  return rule == Rule::name_split || rule == Rule::name_particle || rule == Rule::uncertain ||
         rule == Rule::organization_name;
}

// "van der Berg" and "Berg, van der" -> prefix and surname. A prefix that is there already and
// stands before the surname once more is taken off.
void move_particles(PersonName& name, AttributeId prefix, AttributeId surname, bool french) {
  const NamePart part = name[surname];
  if (part.value.find(' ') == std::string_view::npos) return;
  const auto comma = part.value.find(',');
  if (comma != std::string_view::npos) {
    const auto tail = trim_ascii(part.value.substr(comma + 1));
    const NameWords words = name_words(tail);
    const bool all =
        words.complete && words.count != 0 &&
        std::all_of(words.word.begin(),
                    words.word.begin() + static_cast<std::ptrdiff_t>(words.count), is_particle);
    if (!all || name.has(prefix)) return;
    name.take(prefix, tail, part, Rule::name_particle);
    name.change(surname, trim_ascii(part.value.substr(0, comma)), Rule::name_particle);
    return;
  }
  const NameWords words = name_words(part.value);
  const std::size_t run = particle_run(words, 0, words.count, french);
  if (run == 0 || !words.complete) return;
  const auto particles = words.range(0, run);
  if (name.has(prefix) && !equals_ignoring_case(name[prefix].value, particles)) return;
  name.take(prefix, particles, part, Rule::name_particle);
  name.change(surname, words.range(run, words.count), Rule::name_particle);
}

// Forms put "van der" at the end of the given name when they have one field too few.
void move_particles_of_given(PersonName& name) {
  const NamePart given = name[name_given];
  if (name.has(name_surname_prefix) || !name.has(name_surname)) return;
  if (given.value.find(' ') == std::string_view::npos) return;
  const NameWords words = name_words(given.value);
  const std::size_t run = words.complete ? trailing_particles(words, words.count) : 0;
  if (run == 0) return;
  name.take(name_surname_prefix, words.range(words.count - run, words.count), given,
            Rule::name_particle);
  name.change(name_given, words.range(0, words.count - run), Rule::name_particle);
}

void move_titles_of_given(PersonName& name) {
  const NamePart given = name[name_given];
  if (name.has(name_title_before) || given.value.empty()) return;
  if (given.value.back() == '.' && is_title_before(given.value)) {  // nothing but a title
    name.take(name_title_before, given.value, given, Rule::name_split);
    name[name_given] = {};
    return;
  }
  if (given.value.find(' ') == std::string_view::npos) return;
  const NameWords words = name_words(given.value);
  std::size_t count = 0;
  while (count + 1 < words.count && is_title_before(words.word[count])) ++count;
  if (count == 0 || !words.complete) return;
  name.take(name_title_before, words.range(0, count), given, Rule::name_split);
  name.change(name_given, words.range(count, words.count), Rule::name_split);
}

void move_suffix(PersonName& name) {
  const NamePart surname = name[name_surname];
  if (name.has(name_suffix) || surname.value.find(' ') == std::string_view::npos) return;
  const NameWords words = name_words(surname.value);
  if (!words.complete || words.count < 2) return;
  const auto suffix = suffix_of(words.word[words.count - 1]);
  if (suffix.empty()) return;
  const auto rest = trim_commas(words.range(0, words.count - 1));
  if (rest.empty()) return;
  name.take(name_suffix, suffix, surname, Rule::name_split);
  name.change(name_surname, rest, Rule::name_split);
}

// "JA" beside "Jansen" is J.A., beside "JANSEN" it may be a name; "JAN" is Jan in both.
bool is_run_of_initials(std::string_view given, std::string_view surname) {
  if (given.size() < 2 || given.size() > 3) return false;
  const bool capitals =
      std::all_of(given.begin(), given.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!capitals) return false;
  if (given.find_first_of("AEIOUY") == std::string_view::npos) return true;
  return given.size() == 2 && letter_case(surname) == LetterCase::mixed &&
         !is_short_given_name(given);
}

void move_initials(PersonName& name, Arena& arena) {
  const NamePart given = name[name_given];
  if (given.value.empty()) return;
  const bool run = is_run_of_initials(given.value, name[name_surname].value);
  if (!run && !are_initials(given.value)) return;
  const auto initials = to_initials(given.value, run, arena);
  if (!name.has(name_initials)) {
    name.take(name_initials, initials, given, Rule::name_split);
  } else {
    const auto known = to_initials(name[name_initials].value, true, arena);
    if (known.substr(0, initials.size()) != initials) return;
  }
  name[name_given] = {};
}

void rewrite_case(PersonName& name, AttributeId id, bool dutch, Arena& arena) {
  const NamePart& part = name[id];
  if (!is_utf8(part.value)) return;  // its letters cannot be known
  if (part.value.find_first_of("0123456789@") != std::string_view::npos) return;
  switch (letter_case(part.value)) {
    case LetterCase::mixed:
    case LetterCase::no_letters: return;
    case LetterCase::all_capitals:
    case LetterCase::all_lower:
      name.change(id, to_name_case(part.value, dutch, arena), Rule::name_case);
  }
}

void lower_prefix(PersonName& name, AttributeId id, Arena& arena) {
  const NamePart& part = name[id];
  if (letter_case(part.value) != LetterCase::all_capitals || !is_utf8(part.value)) return;
  name.change(id, tidy(lower_unicode(part.value, arena), arena), Rule::name_case);
}

// What says nothing would be dropped the next time the name is cleaned.
void drop_empty_words(PersonName& name) {
  for (AttributeId id = PersonName::first; id <= PersonName::last; ++id) {
    if (says_nothing(name[id].value)) name[id] = {};
  }
}

void move_parts(PersonName& name, bool french, Arena& arena) {
  move_suffix(name);
  move_particles(name, name_surname_prefix, name_surname, french);
  move_particles(name, name_partner_surname_prefix, name_partner_surname, french);
  move_titles_of_given(name);
  move_particles_of_given(name);
  move_initials(name, arena);
}

// One word in one case is never split, whatever its case.
bool is_one_plain_word(std::string_view text) {
  return text.find_first_of(" .,-'\"()/&+") == std::string_view::npos;
}

// A whole name that cannot be split stays as it was written: in another case it might be.
void rewrite_parts(PersonName& name, std::string_view country, bool whole_stays, Arena& arena) {
  if (name.has(name_initials)) {
    name.change(name_initials, to_initials(name[name_initials].value, true, arena),
                Rule::name_case);
  }
  if (name.has(name_suffix)) {
    const auto suffix = suffix_of(name[name_suffix].value);
    if (!suffix.empty()) name.change(name_suffix, suffix, Rule::name_case);
  }
  const bool dutch = country == "NL" || country == "BE";
  if (!whole_stays) rewrite_case(name, name_full, dutch, arena);
  for (const AttributeId id :
       {name_given, name_middle, name_surname, name_partner_surname, name_nickname}) {
    rewrite_case(name, id, dutch, arena);
  }
  lower_prefix(name, name_surname_prefix, arena);
  lower_prefix(name, name_partner_surname_prefix, arena);
}

void clean_once(PersonName& name, std::string_view country, Arena& arena) {
  const bool parts_missing =
      !name.has(name_given) && !name.has(name_surname) && !name.has(name_initials);
  const bool whole_stays = parts_missing && !split_full_name(name, country, arena) &&
                           !is_one_plain_word(name[name_full].value);
  for (const AttributeId id : {name_full, name_surname}) {
    if (names_organization(name[id].value)) {
      name[id].rule = Rule::organization_name;
      return;
    }
  }
  move_parts(name, country == "FR", arena);
  rewrite_parts(name, country, whole_stays, arena);
  drop_empty_words(name);
}

}  // namespace

void PersonName::change(AttributeId id, std::string_view value, Rule rule) {
  NamePart& part = (*this)[id];
  if (part.value == value) return;
  if (part.raw.data() == nullptr) part.raw = part.value;
  part.value = value;
  if (!is_structural(part.rule)) part.rule = rule;
}

void PersonName::take(AttributeId id, std::string_view value, const NamePart& from, Rule rule) {
  if (value.empty() || has(id)) return;
  const auto raw = from.raw.data() != nullptr ? from.raw : from.value;
  (*this)[id] = {value, raw == value ? std::string_view() : raw, rule};
}

bool PersonName::same_values(const PersonName& other) const {
  return std::equal(parts_.begin(), parts_.end(), other.parts_.begin(),
                    [](const NamePart& a, const NamePart& b) { return a.value == b.value; });
}

// One rule may bring to light what another one takes: "Berg jr., van", "JANSEN MSC". A name is
// clean when no rule changes it any more.
void clean_person_name(PersonName& name, std::string_view country, Arena& arena) {
  constexpr int rounds_max = 6;
  const PersonName written = name;
  for (int round = 0; round < rounds_max; ++round) {
    const PersonName before = name;
    clean_once(name, country, arena);
    if (name.same_values(before)) return;
  }
  name = written;
  for (AttributeId id = PersonName::first; id <= PersonName::last; ++id) {
    if (name.has(id)) name[id].rule = Rule::uncertain;
  }
}

}  // namespace rondom::normalize
