#include "pipeline/normalize/address.h"

#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t number_digits_max = 5;
constexpr std::size_t suffix_bytes_max = 8;

bool number_follows_street(std::string_view country) {
  for (const std::string_view other : {"NL", "BE", "DE", "AT", "CH", "DK", "SE", "NO", "FI", "PL",
                                       "CZ", "SK", "IT", "ES", "HU", "SI", "HR"}) {
    if (country == other) return true;
  }
  return false;
}

// "Plein 1945", "Laan 1940-1945": a year that is part of the street's name.
bool may_be_year(std::string_view number, std::string_view street) {
  return number.size() == 4 && (number[0] == '1' || number[0] == '2') &&
         street.find(' ') == std::string_view::npos;
}

bool is_suffix(std::string_view text) {
  return text.size() <= suffix_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || is_ascii_letter(c) || c == '-' || c == '/' || c == ' ';
         });
}

std::string_view trim_marks(std::string_view text) {
  text = trim_ascii(text);
  while (!text.empty() && (text.front() == '-' || text.front() == '/')) {
    text = trim_ascii(text.substr(1));
  }
  return text;
}

}  // namespace

bool split_house_number(std::string_view text, StreetLine& line) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || digits > number_digits_max || digits == text.size()) return false;
  const auto suffix = text.substr(digits);
  if (!is_suffix(suffix) || trim_marks(suffix).empty()) return false;
  line.house_number = text.substr(0, digits);
  line.suffix = trim_marks(suffix);
  return true;
}

bool split_street(std::string_view text, std::string_view country, StreetLine& line) {
  if (!number_follows_street(country) || text.empty() || is_digit(text.front())) return false;
  // The last number that starts a word, whatever follows it being short enough for a suffix.
  for (std::size_t at = text.size(); at-- > 1;) {
    const char before = text[at - 1];
    if (!is_digit(text[at]) || (before != ' ' && before != ',')) continue;
    const auto number = text.substr(at);
    const auto street = trim_ascii(text.substr(0, text.find_last_not_of(" ,", at - 1) + 1));
    if (street.empty() || is_digit(street.back())) continue;
    if (number.size() <= number_digits_max && all_digits(number)) {
      if (may_be_year(number, street)) return false;
      line = {street, number, {}};
      return true;
    }
    if (!split_house_number(number, line)) return false;
    line.street = street;
    return !may_be_year(line.house_number, street);
  }
  return false;
}

}  // namespace rondom::normalize
