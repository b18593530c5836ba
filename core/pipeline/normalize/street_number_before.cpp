#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/house_number.h"
#include "pipeline/normalize/street_number.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t digits_max = 6;  // of North America

bool is_french(std::string_view country) {
  return country == "FR" || country == "LU" || country == "BE" || country == "CH" ||
         country == "MC";
}

struct Number {
  std::string_view number, suffix;
  std::size_t words = 0;  // that it takes of the line
};

bool is_repetition(std::string_view word) {  // of the same number, in French
  for (const std::string_view other : {"bis", "ter", "quater", "quinquies"}) {
    if (equals_ignoring_case(word, other)) return true;
  }
  return false;
}

std::string_view trim_comma(std::string_view word) {
  while (!word.empty() && word.back() == ',') word.remove_suffix(1);
  return word;
}

// "12 and 14", "12 à 18": several houses.
bool is_joint(std::string_view word) {
  for (const std::string_view other :
       {"et", "à", "a", "and", "&", "to", "en", "und", "u.", "-", "–"}) {
    if (equals_ignoring_case(word, other)) return true;
  }
  return false;
}

// Words that name no street by themselves: "12 rue", "5 Mews".
bool is_bare_word(std::string_view word) {
  for (const std::string_view other : {"street", "road", "lane", "way", "mews", "close", "drive",
                                       "court", "terrace", "gardens", "bis", "ter"}) {
    if (equals_ignoring_case(word, other)) return true;
  }
  return is_french_street_word(word);
}

// After these a number may be part of a name: "rue des 4 Vents".
bool is_article(std::string_view word) {
  for (const std::string_view other : {"des", "les", "aux", "de", "du", "la", "the"}) {
    if (equals_ignoring_case(word, other)) return true;
  }
  return false;
}

bool is_word_start(std::string_view word) {
  return !word.empty() &&
         (is_ascii_letter(word.front()) || static_cast<unsigned char>(word.front()) >= 0x80 ||
          word.front() == '\'');
}

// "12", "12bis", "12A", "12-14", and "12 bis", "12 B" where a street's word follows.
bool read_number(const LineWords& words, std::string_view country, Number& out, Arena& arena) {
  const auto first = trim_comma(words.word[0]);
  std::size_t digits = 0;
  while (digits < first.size() && is_digit(first[digits])) ++digits;
  if (digits == 0 || digits > digits_max || first.front() == '0') return false;
  out = {first.substr(0, digits), {}, 1};
  const auto rest = first.substr(digits);
  // In Australia and New Zealand the unit stands before the slash.
  const bool unit_first = country == "AU" || country == "NZ";
  if (unit_first && first.find('/') != std::string_view::npos) return false;
  if (!rest.empty()) {
    if (number_range(first) == first.size()) {
      out.number = first;
    } else if (rest.size() <= 2 || is_repetition(rest) ||
               rest.find_first_of("-/") != std::string_view::npos) {
      StreetLine read;
      if (!read_house_number(first, country, read, arena) || !read.unit.empty()) return false;
      out.number = read.house_number;
      out.suffix = read.suffix;
    } else {
      return false;
    }
  }
  if (words.count > 3 && (words.word[1] == "-" || words.word[1] == "–")) {
    const auto range = words.range(0, 3);
    if (number_range(range) != range.size()) return false;
    out.number = without(range, " ", arena);
    out.words = 3;
    return true;
  }
  if (words.count > 2 && rest.empty() && first.size() == words.word[0].size()) {
    const auto second = trim_comma(words.word[1]);
    const bool letter = second.size() == 1 && is_ascii_letter(second.front()) &&
                        is_french(country) && is_french_street_word(words.word[2]);
    if (is_repetition(second) || letter) {
      out.suffix = second;
      out.words = 2;
    }
  }
  return true;
}

// "Main St Apt 4B", "rue Haute Bât. C", "rue Haute BP 40": a unit at the end without a comma.
std::size_t unit_words(const LineWords& words, std::size_t first, std::string_view country) {
  for (std::size_t at = first + 1; at < words.count; ++at) {
    const auto tail = words.range(at, words.count);
    const bool box =
        post_box_word(tail, country) != 0 && is_digit(tail.back()) && words.count - at <= 3;
    const bool hash = tail.front() == '#' && has_digit(tail) && words.count - at <= 2;
    bool unit = false;
    if (words.count - at == 2 && words.word[at].size() > 2 && words.word[at + 1].size() <= 4) {
      for (const std::string_view word :
           {"apt", "apt.", "appt", "appt.", "bat", "bat.", "bât", "bât.", "flat", "suite", "ste",
            "unit", "appartement", "apartment", "room"}) {
        unit = unit || equals_ignoring_case(words.word[at], word);
      }
      const auto& label = words.word[at + 1];
      unit = unit && (has_digit(label) || label.size() == 1);
    }
    if (box || hash || unit) return at;
  }
  return words.count;
}

// Every number of the name must be of the name: "rue du 8 mai 1945", "5th Avenue", "rue des 4
// Vents".
bool is_street(const LineWords& words, std::size_t first, std::size_t end) {
  if (first >= end) return false;
  if (!is_word_start(words.word[first]) && !is_ordinal(words.word[first])) return false;
  if (first + 1 == end && (words.word[first].size() < 3 || is_bare_word(words.word[first]))) {
    return false;
  }
  if (is_joint(words.word[first]) || is_joint(words.word[end - 1])) return false;
  LineWords street;
  for (std::size_t at = first; at < end; ++at) street.word[street.count++] = words.word[at];
  for (std::size_t at = 0; at < street.count; ++at) {
    const auto word = street.word[at];
    if (!has_digit(word)) continue;
    const bool small = word.size() <= 2 && at != 0 && at + 1 < street.count &&
                       is_article(street.word[at - 1]) && is_word_start(street.word[at + 1]);
    const bool road = at != 0 && !is_digit(word.front()) && word.size() <= 5;  // "D12", "A40"
    if (!small && !road && !is_ordinal(word) && !is_number_of_name(street, at)) return false;
  }
  return true;
}

bool read_line(std::string_view text, std::string_view country, StreetLine& line, Arena& arena) {
  const LineWords words = line_words(text);
  Number number;
  if (!words.complete || words.count < 2) return false;
  if (!read_number(words, country, number, arena)) return false;
  const std::size_t end = unit_words(words, number.words, country);
  if (!is_street(words, number.words, end)) return false;
  line = {words.range(number.words, end), number.number, number.suffix,
          words.range(end, words.count)};
  return true;
}

// "Flat 3 12 High Street" and "Appt 4 12 rue Haute": the unit takes two words.
bool read_line_after_unit(std::string_view text, std::string_view country, StreetLine& line,
                          Arena& arena) {
  const LineWords words = line_words(text);
  if (!words.complete || words.count < 5 || !is_unit_word(words.word[0])) return false;
  if (words.word[0].size() < 3 || words.word[1].size() > 4 || !is_digit(words.word[2].front())) {
    return false;
  }
  if (!read_line(words.range(2, words.count), country, line, arena)) return false;
  if (!line.unit.empty()) return false;
  line.unit = words.range(0, 2);
  return true;
}

// "Rue Haute 12" in France: its word says that it is a street, and nothing else can be the number.
bool read_behind(std::string_view text, std::string_view country, StreetLine& line, Arena& arena) {
  if (!is_french(country)) return false;
  const LineWords words = line_words(text);
  return words.count > 2 && is_french_street_word(words.word[0]) &&
         split_number_behind(text, country, line, arena) == AddressSplit::split;
}

// A name whose numbers are all its own: nothing to take.
bool is_name_alone(std::string_view text) {
  const LineWords words = line_words(text);
  return words.complete && is_street(words, 0, words.count);
}

bool is_flat_of_floor(std::string_view text) {  // "3/2": second flat on the third floor
  const auto slash = text.find('/');
  return slash != std::string_view::npos && all_digits(text.substr(0, slash)) &&
         all_digits(text.substr(slash + 1));
}

}  // namespace

bool starts_french_street(std::string_view text) {
  const LineWords words = line_words(text);
  for (std::size_t at = 1; at < words.count && at <= 2; ++at) {
    if (is_french_street_word(words.word[at])) return true;
  }
  return false;
}

AddressSplit split_number_before(std::string_view text, std::string_view country, StreetLine& line,
                                 Arena& arena) {
  if (read_behind(text, country, line, arena)) return AddressSplit::split;
  LineParts parts = line_parts(text);
  if (!parts.complete || parts.count == 0) return AddressSplit::uncertain;
  // "12, rue Haute": the number stands in a part of its own
  if (parts.count > 1 && is_digit(parts.part[0].front()) && line_words(parts.part[0]).count <= 2 &&
      !is_flat_of_floor(parts.part[0]) && !is_unit_text(parts.part[0], country)) {
    const auto number = parts.part[0];
    const auto name = parts.part[1];
    parts.part[1] = concatenate({number, " ", name}, arena);
    std::copy(parts.part.begin() + 1, parts.part.end(), parts.part.begin());
    --parts.count;
  }
  bool found = false;
  std::string_view unit;
  for (std::size_t at = 0; at < parts.count; ++at) {
    const auto part = parts.part[at];
    StreetLine read;
    const bool floor = is_digit(part.front()) && is_unit_text(part, country);
    if (!found && !floor && !is_flat_of_floor(part) &&
        (read_line(part, country, read, arena) ||
         read_line_after_unit(part, country, read, arena))) {
      found = true;
      unit = join_by_comma(unit, read.unit, arena);
      line = read;
      continue;
    }
    const bool plain = !has_digit(part);
    if (is_unit_text(part, country) || is_flat_of_floor(part) || (!found && plain)) {
      unit = join_by_comma(unit, part, arena);
    } else if (found && plain && !is_french(country)) {
      line.street = join_by_comma(line.street, part, arena);
    } else {
      if (parts.count == 1 && is_name_alone(part)) return AddressSplit::nothing;
      return AddressSplit::uncertain;
    }
  }
  line.unit = unit;
  return found ? AddressSplit::split : AddressSplit::uncertain;
}

}  // namespace rondom::normalize
