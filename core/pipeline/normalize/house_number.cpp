#include "pipeline/normalize/house_number.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/base.h"
#include "pipeline/normalize/address_words.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t suffix_pieces_max = 5;
constexpr int range_width_max = 98;  // more houses than that are no single address

std::size_t leading_digits(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits;
}

int number_of(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

bool all_letters(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_ascii_letter);
}

bool is_mark(char c) {
  return c == '-' || c == '/' || c == ' ' || c == '.' || c == ',' || c == '+';
}

std::string_view trim_marks(std::string_view text) {
  while (!text.empty() && is_mark(text.front())) text.remove_prefix(1);
  while (!text.empty() && (is_mark(text.back()) || text.back() == ',')) text.remove_suffix(1);
  return text;
}

bool is_conjunction(std::string_view word) {
  for (const std::string_view other : {"en", "et", "of", "ou", "te", "in", "zu", "am", "an", "t"}) {
    if (equals_ignoring_case(word, other)) return true;
  }
  return false;
}

// "A", "bis", "3hoog", "12", "2e", "IV".
bool is_suffix_piece(std::string_view piece) {
  const std::size_t digits = leading_digits(piece);
  if (digits > 4) return false;
  const auto letters = piece.substr(digits);
  if (letters.empty()) return true;
  if (digits == 0 && is_conjunction(letters)) return false;
  if (!all_letters(letters)) {  // "A3", "bis2"
    if (digits != 0) return false;
    const auto first = letters.find_first_of("0123456789");
    return first != std::string_view::npos && first <= 3 && all_letters(letters.substr(0, first)) &&
           all_digits(letters.substr(first)) && letters.size() <= 6;
  }
  return letters.size() <= 2 || is_addition_word(letters);
}

bool is_suffix(std::string_view text) {
  if (text.size() > house_suffix_bytes_max) return false;
  std::size_t pieces = 0;
  bool joins = false;  // "12 bis 16", "12 u. 14" are several houses where a number follows
  while (!text.empty()) {
    const auto end = std::find_if(text.begin(), text.end(), is_mark);
    const auto piece = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    if (piece.empty()) continue;
    if (++pieces > suffix_pieces_max || !is_suffix_piece(piece)) return false;
    if (joins && all_digits(piece)) return false;
    joins = equals_ignoring_case(piece, "bis") || equals_ignoring_case(piece, "u");
  }
  return pieces != 0;
}

bool writes_additions(std::string_view country) {
  return country == "NL" || country == "BE" || country.empty();
}

// "bus 3", "bus3", "Whg. 12", "3. OG links", "Hinterhaus", from the start of `text` to its end.
bool is_unit(std::string_view text, std::string_view country) {
  if (text.empty() || text.size() > unit_bytes_max) return false;
  if (text.find_first_of("()") != std::string_view::npos) return false;
  const LineWords words = line_words(text);
  if (!words.complete) return false;
  const auto first = words.word[0];
  if (is_place_word(first) && !(writes_additions(country) && first.size() <= 2)) {
    return std::all_of(words.word.begin() + 1,
                       words.word.begin() + static_cast<std::ptrdiff_t>(words.count),
                       [](std::string_view word) { return is_place_word(word); });
  }
  if (words.count >= 2 && is_ordinal(first) && is_floor_word(words.word[1])) return true;
  if (words.count == 2 && is_floor_word(words.word[1]) && all_digits(first)) {
    return words.word[1].size() > 3 || !writes_additions(country);
  }
  if (!is_digit(first.front()) && has_digit(first)) {  // "bus3"
    return words.count == 1 && is_unit_word(first.substr(0, first.find_first_of("0123456789")));
  }
  if (words.count < 2 || !is_unit_word(first)) return false;
  const auto second = words.word[1];
  // A lone letter before a letter is an addition: "12 k b".
  return first.size() > 1 ? second.size() <= 12 : has_digit(second);
}

bool is_ordinal_floor(std::string_view text) {  // "3º B", "3ºB"
  return text.find("º") != std::string_view::npos || text.find("ª") != std::string_view::npos;
}

// Where the unit begins: at a word that can start one, with everything after it being part of it.
std::size_t unit_start(std::string_view rest, std::string_view country) {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    const bool starts_word = at == 0 || is_mark(rest[at - 1]);
    if (!starts_word || is_mark(rest[at])) continue;
    const auto unit = rest.substr(at);
    if (is_unit(unit, country)) return at;
    if (is_digit(rest[at]) && is_ordinal_floor(unit.substr(0, unit.find(' ')))) return at;
  }
  return rest.size();
}

// Slashes and hyphens between two numbers, spaces around them not counted.
std::string_view range_text(std::string_view text, Arena& arena) {
  return without(text, " ", arena);
}

}  // namespace

std::size_t number_range(std::string_view text) {
  const std::size_t first = leading_digits(text);
  if (first == 0 || first > house_number_digits_max) return 0;
  std::size_t at = first;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at == text.size()) return 0;
  if (text.substr(at, 3) == "–")
    at += 3;
  else if (text[at] == '-' || text[at] == '/' || text[at] == '+')
    ++at;
  else
    return 0;
  while (at < text.size() && text[at] == ' ') ++at;
  const std::size_t second = leading_digits(text.substr(at));
  if (second == 0 || second > house_number_digits_max) return 0;
  if (at + second < text.size() && is_ascii_letter(text[at + second])) return 0;
  const int width = number_of(text.substr(at, second)) - number_of(text.substr(0, first));
  return width > 0 && width <= range_width_max ? at + second : 0;
}

bool read_house_number(std::string_view text, std::string_view country, StreetLine& line,
                       Arena& arena) {
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  const std::size_t digits = leading_digits(text);
  if (digits == 0 || digits > house_number_digits_max || text.front() == '0') return false;
  const std::size_t range = country == "NL" ? 0 : number_range(text);
  const std::size_t taken = std::max(range, digits);
  const auto number =
      range != 0 ? range_text(text.substr(0, range), arena) : text.substr(0, digits);
  const auto rest = text.substr(taken);
  if (rest.empty()) {
    line.house_number = number;
    return true;
  }
  const std::size_t start = unit_start(rest, country);
  const auto suffix = trim_marks(rest.substr(0, start));
  if (!suffix.empty() && !is_suffix(suffix)) return false;
  if (suffix.empty() && start == rest.size()) return false;  // "12 -": something is missing
  line.house_number = number;
  line.suffix = suffix;
  line.unit = rest.substr(start);
  return true;
}

bool is_unit_text(std::string_view text, std::string_view country) {
  if (text.empty()) return false;
  const LineWords words = line_words(text);
  if (words.count > 1 && is_care_of_word(words.word[0])) return true;
  if (words.count > 2 && is_care_of_word(words.range(0, 2))) return true;  // "z. Hd. Müller"
  if (post_box_word(text, country) != 0 && has_digit(text)) return true;
  if (is_digit(text.front()) && is_ordinal_floor(text.substr(0, text.find(' ')))) return true;
  if (is_unit(text, country)) return true;
  if (is_place_word(text)) return true;
  // "Gebouw De Hoek", "Résidence Les Lilas", "Ground Floor Flat"
  if (has_digit(text) || words.count < 2) return false;
  return (is_unit_word(words.word[0]) && words.word[0].size() > 2) ||
         is_unit_word(words.word[words.count - 1]);
}

}  // namespace rondom::normalize
