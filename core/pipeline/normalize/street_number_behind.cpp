#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/house_number.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/street_number.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t street_bytes_min = 2;

// "1945", "1940-1945", "40-45".
bool is_year_text(std::string_view word) {
  const auto is_year = [](std::string_view year) {
    return all_digits(year) && year.size() == 4 && (year[0] == '1' || year[0] == '2');
  };
  const auto hyphen = word.find('-');
  if (hyphen == std::string_view::npos) return is_year(word);
  const auto first = word.substr(0, hyphen);
  const auto last = word.substr(hyphen + 1);
  if (is_year(first)) return is_year(last) || (all_digits(last) && last.size() == 2);
  return all_digits(first) && first.size() == 2 && all_digits(last) && last.size() == 2;
}

// "Hauptstr.12", "Kerkstraat12": the street ends as streets do and the number is stuck to it.
bool split_stuck(std::string_view text, std::string_view country, StreetLine& line, Arena& arena) {
  const auto first = text.find_first_of("0123456789");
  if (first == 0 || first == std::string_view::npos) return false;
  const auto street = text.substr(0, first);
  if (street.back() == ' ') return false;
  const auto last_word = street.substr(street.rfind(' ') + 1);
  if (!ends_as_street(last_word)) return false;
  if (!read_house_number(text.substr(first), country, line, arena)) return false;
  line.street = street;
  return true;
}

// Squares of Mannheim: "B 4, 13" is house 13 of square B 4.
bool split_mannheim(std::string_view text, std::string_view country, StreetLine& line,
                    Arena& arena) {
  const auto comma = text.find(',');
  if (country != "DE" || comma == std::string_view::npos) return false;
  const auto square = trim_ascii(text.substr(0, comma));
  const auto digit = without(square, " ", arena);
  if (digit.size() < 2 || digit.size() > 3 || digit[0] < 'A' || digit[0] > 'U') return false;
  if (!all_digits(digit.substr(1))) return false;
  if (!read_house_number(trim_ascii(text.substr(comma + 1)), country, line, arena)) return false;
  line.street = square;
  return true;
}

// One part without commas inside.
bool split_one(std::string_view text, std::string_view country, StreetLine& line, Arena& arena) {
  const LineWords words = line_words(text);
  if (!words.complete) return false;
  for (std::size_t at = 1; at < words.count; ++at) {
    const auto word = words.word[at];
    if (!is_digit(word.front()) || is_number_of_name(words, at)) continue;
    std::size_t street_end = at;
    if (street_end > 1 && is_number_word(words.word[street_end - 1])) --street_end;
    const auto street = trim_commas(words.range(0, street_end));
    if (street.size() < street_bytes_min) continue;
    if (read_house_number(words.range(at, words.count), country, line, arena)) {
      line.street = street;
      return true;
    }
    // "Laan van de 7 Linden 12": only after a small word can this be part of the name.
    if (!is_any_particle(words.word[at - 1]) && !equals_ignoring_case(words.word[at - 1], "les")) {
      return false;
    }
  }
  return split_stuck(text, country, line, arena);
}

// "Kerkstraat, 12", "Calle Mayor, 12": a name, and a part that starts with the number.
bool split_pair(std::string_view name, std::string_view number, std::string_view country,
                StreetLine& line, Arena& arena) {
  if (has_digit(name)) {
    const LineWords words = line_words(name);
    if (!words.complete) return false;
    for (std::size_t at = 0; at < words.count; ++at) {
      if (has_digit(words.word[at]) && at != 0 && !is_number_of_name(words, at)) return false;
    }
  }
  const auto first = number.find_first_of("0123456789");
  if (first == std::string_view::npos) return false;
  if (first != 0 && !is_number_word(trim_ascii(number.substr(0, first)))) return false;
  if (!read_house_number(number.substr(first), country, line, arena)) return false;
  line.street = name;
  return true;
}

}  // namespace

LineParts line_parts(std::string_view text) {
  LineParts parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = trim_ascii(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (part.empty()) continue;
    if (parts.count == parts.part.size()) {
      parts.complete = false;
      break;
    }
    parts.part[parts.count++] = part;
  }
  return parts;
}

bool is_number_of_name(const LineWords& words, std::size_t at) {
  const auto word = words.word[at];
  const bool last = at + 1 == words.count;
  const auto next = last ? std::string_view() : words.word[at + 1];
  if (!last && word.size() <= 5) {
    if (is_month_word(next)) return true;
    const bool of = equals_ignoring_case(next, "de") || equals_ignoring_case(next, "di");
    if (of && at + 2 < words.count && is_month_word(words.word[at + 2])) return true;
    // "Kleine 3e Straat": an ordinal before a word of the name
    const bool name_follows = next.size() > 3 && is_ascii_letter(next.front());
    if (is_ordinal(word) && name_follows && !is_floor_word(next)) return true;
  }
  if (at == 0 || !is_year_text(word)) return false;
  if (is_month_word(words.word[at - 1])) return true;
  return is_square_word(words.word[at - 1]) && at == 1;
}

AddressSplit split_number_behind(std::string_view text, std::string_view country, StreetLine& line,
                                 Arena& arena) {
  if (split_mannheim(text, country, line, arena)) return AddressSplit::split;
  const LineParts parts = line_parts(text);
  if (!parts.complete) return AddressSplit::uncertain;
  bool found = false;
  std::string_view unit;
  for (std::size_t at = 0; at < parts.count; ++at) {
    const auto part = parts.part[at];
    StreetLine read;
    const bool more = at + 1 < parts.count;
    if (!found && !is_digit(part.front()) && more &&
        split_pair(part, parts.part[at + 1], country, read, arena)) {
      found = true;
      ++at;
    } else if (!found && !is_unit_text(part, country) && split_one(part, country, read, arena)) {
      found = true;
    } else if (is_unit_text(part, country)) {
      unit = join_by_comma(unit, part, arena);
      continue;
    } else {
      return AddressSplit::uncertain;
    }
    unit = join_by_comma(unit, read.unit, arena);
    line = read;
  }
  line.unit = unit;
  return found ? AddressSplit::split : AddressSplit::uncertain;
}

}  // namespace rondom::normalize
