#include "model/person_names.h"

#include <algorithm>
#include <vector>

#include "model/model.h"
#include "model/names.h"

namespace rondom {
namespace {

constexpr std::size_t words_of_name_max = 16;  // of more, the first

std::vector<std::string_view> words_of(std::string_view folded) {
  std::vector<std::string_view> words;
  while (!folded.empty() && words.size() < words_of_name_max) {
    const std::size_t end = std::min(folded.find(' '), folded.size());
    if (end > 0) words.push_back(folded.substr(0, end));
    folded.remove_prefix(std::min(end + 1, folded.size()));
  }
  return words;
}

/// Latin letters that folding leaves are two bytes at most, and begin with less than those of other
/// scripts.
bool is_latin(std::string_view folded) {
  constexpr unsigned char first_of_others = 0xCD;
  return folded.empty() || static_cast<unsigned char>(folded.front()) < first_of_others;
}

std::string without_spaces(std::string_view text) {
  std::string kept(text);
  std::erase(kept, ' ');
  return kept;
}

/// Whose they are: the given name or an initial, or the whole name where there are no parts.
struct Person {
  std::string given, full;
  std::string_view surname;
  std::uint32_t birth = 0;
};

Person person_of(std::string_view canonical) {
  const NameParts parts = name_parts(canonical);
  Person person;
  person.given = fold_name(parts.given.empty() ? parts.initials : parts.given);
  if (person.given.empty()) person.full = whole_name(parts);
  person.surname = parts.surname;
  person.birth = full_date(parts.birth);
  return person;
}

bool holds_given_of(const Person& whole, const Person& parts) {
  if (whole.full.empty() || parts.given.empty()) return true;
  return full_name_may_hold(whole.full, parts.given, {&parts.surname, 1});
}

}  // namespace

std::uint32_t full_date(std::string_view text) {
  PartialDate date;
  if (!parse_partial_date(text, date) || !date.complete()) return 0;
  return static_cast<std::uint32_t>(date.year) * 10'000u + date.month * 100u + date.day;
}

NameParts name_parts(std::string_view canonical) {
  NameParts parts;
  RecordReader reader(canonical);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::organization_name) {
    switch (cell.attribute) {
      case attribute::name_full:
        parts.full = cell.value;
        parts.names_organization = cell.rule == Rule::organization_name;
        break;
      case attribute::name_given: parts.given = cell.value; break;
      case attribute::name_initials: parts.initials = cell.value; break;
      case attribute::name_surname: parts.surname = cell.value; break;
      case attribute::name_suffix: parts.suffix = cell.value; break;
      case attribute::birth_date: parts.birth = cell.value; break;
      case attribute::organization_name: parts.organization = cell.value; break;
      default: break;
    }
  }
  return parts;
}

std::string whole_name(const NameParts& parts) {
  const bool has_sign = parts.full.find_first_of("@0123456789") != std::string_view::npos;
  if (!parts.is_whole() || parts.names_organization || has_sign) return {};
  std::string folded = fold_name(parts.full);
  if (is_latin(folded) && folded.find(' ') == std::string::npos) folded.clear();
  return folded;
}

bool births_compatible(std::uint32_t a, std::uint32_t b) {
  if (a == b) return true;
  const std::uint32_t swapped = a / 10'000 * 10'000 + a % 100 * 100 + a / 100 % 100;
  if (swapped == b) return true;
  int different_digits = 0;
  for (int digit = 0; digit < 8; ++digit, a /= 10, b /= 10) different_digits += a % 10 != b % 10;
  return different_digits == 1;
}

bool full_name_may_hold(std::string_view full, std::string_view given,
                        std::span<const std::string_view> surnames) {
  const std::string folded = fold_name(given);
  if (is_latin(full) != is_latin(folded)) return true;
  if (!is_latin(full)) {
    const std::string name = without_spaces(full), part = without_spaces(folded);
    return name.find(part) != std::string::npos || part.find(name) != std::string::npos;
  }
  std::vector<std::string_view> words = words_of(full);
  const auto may_be_it = [&](std::string_view word) {
    return given_names_compatible(word, folded);
  };
  if (std::any_of(words.begin(), words.end(), may_be_it)) return true;
  return std::any_of(surnames.begin(), surnames.end(), [&](std::string_view surname) {
    const std::string of = fold_name(surname);
    const auto known = words_of(of);
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
      return std::find(known.begin(), known.end(), word) != known.end();
    });
  });
}

bool full_names_compatible(std::string_view one, std::string_view other) {
  if (is_latin(one) != is_latin(other)) return true;
  if (!is_latin(one) && without_spaces(one) == without_spaces(other)) return true;
  std::vector<std::string_view> few = words_of(one), many = words_of(other);
  if (few.size() > many.size()) std::swap(few, many);
  std::erase_if(few, [&](std::string_view word) {
    const auto same = std::find(many.begin(), many.end(), word);
    if (same == many.end()) return false;
    many.erase(same);
    return true;
  });
  return std::all_of(few.begin(), few.end(), [&](std::string_view word) {
    const auto same = std::find_if(many.begin(), many.end(), [&](std::string_view candidate) {
      return given_names_compatible(word, candidate);
    });
    if (same == many.end()) return false;
    many.erase(same);
    return true;
  });
}

bool surnames_related(std::string_view one, std::string_view other) {
  constexpr int slips_max = 2;
  constexpr std::size_t word_bytes_min = 3;  // shorter ones are particles and initials
  const std::string a = fold_name(one), b = fold_name(other);
  if (a.empty() || b.empty() || is_latin(a) != is_latin(b)) return true;
  if (edit_distance(a, b, slips_max) <= slips_max) return true;
  const std::vector<std::string_view> words = words_of(b);
  const std::vector<std::string_view> of_a = words_of(a);
  return std::any_of(of_a.begin(), of_a.end(), [&](std::string_view word) {
    return word.size() >= word_bytes_min &&
           std::any_of(words.begin(), words.end(), [&](std::string_view of_b) {
             const std::size_t shorter = std::min(word.size(), of_b.size());
             return word == of_b || (shorter > word_bytes_min && edit_distance(word, of_b, 1) <= 1);
           });
  });
}

bool may_be_same_person(std::string_view canonical, std::string_view other) {
  const Person a = person_of(canonical), b = person_of(other);
  if (a.birth != 0 && b.birth != 0 && !births_compatible(a.birth, b.birth)) return false;
  const bool both = !a.given.empty() && !b.given.empty();
  if (both && !given_names_compatible(a.given, b.given)) return false;
  if (!holds_given_of(a, b) || !holds_given_of(b, a)) return false;
  return a.full.empty() || b.full.empty() || full_names_compatible(a.full, b.full);
}

}  // namespace rondom
