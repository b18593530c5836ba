#include "expression/number_text.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace rondom::expression {

namespace {

constexpr std::array<std::string_view, 33> point_countries{
    "AU", "BD", "BW", "CA", "CH", "CN", "EG", "GB", "GH", "GT", "HK",
    "HN", "IE", "IL", "IN", "JP", "KE", "KR", "LI", "LK", "MT", "MX",
    "MY", "NG", "NI", "NP", "NZ", "PH", "PK", "SG", "TH", "TW", "US"};

/// The decimal mark of a country; 0 when no country is known.
char mark_of(std::string_view country) {
  if (country.size() != 2) return 0;
  const bool point =
      std::find(point_countries.begin(), point_countries.end(), country) != point_countries.end();
  return point ? '.' : ',';
}

/// Takes out what only groups digits: spaces of all widths and apostrophes. False on anything that
/// has no place in a number. Currency signs and letters go too when `money` is true.
bool reduce(std::string_view text, bool money, std::string& out) {
  static constexpr std::array<std::string_view, 8> silent{
      "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x99", " ", "'", "\t", "_"};
  static constexpr std::array<std::string_view, 5> signs{"\xe2\x82\xac", "$", "\xc2\xa3",
                                                         "\xc2\xa5", "\xe2\x82\xb9"};
  while (!text.empty()) {
    const auto drop = [&](const auto& set) {
      for (const std::string_view each : set) {
        if (!text.starts_with(each)) continue;
        text.remove_prefix(each.size());
        return true;
      }
      return false;
    };
    if (drop(silent) || (money && drop(signs))) continue;
    const char c = text.front();
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    text.remove_prefix(1);
    if (money && letter) continue;
    if (text.starts_with("\x88\x92") && c == '\xe2') {  // U+2212, the minus of typography
      out += '-';
      text.remove_prefix(2);
      continue;
    }
    if (!is_digit(c) && c != '.' && c != ',' && c != '-' && c != '+') return false;
    out += c;
  }
  return true;
}

/// Are the digits before the decimal mark grouped in threes by `separator`?
bool grouped_in_threes(std::string_view whole, char separator) {
  std::size_t digits = 0;
  bool first = true;
  for (const char c : whole) {
    if (c != separator) {
      ++digits;
      continue;
    }
    if (first ? (digits == 0 || digits > 3) : digits != 3) return false;
    first = false;
    digits = 0;
  }
  return first || digits == 3;
}

/// Finds the decimal mark that `digits` (digits, points and commas) itself tells: 0 = none of them
/// is one, '?' = it may be either.
char told_mark(std::string_view digits) {
  const std::size_t point = digits.rfind('.');
  const std::size_t comma = digits.rfind(',');
  constexpr std::size_t none = std::string_view::npos;
  if (point == none && comma == none) return 0;
  if (point != none && comma != none) return point > comma ? '.' : ',';
  const char only = point != none ? '.' : ',';
  const std::size_t at = point != none ? point : comma;
  if (digits.find(only) != at) return 0;  // several of the same: thousands
  const bool three = digits.size() - at == 4;
  const bool small = at >= 1 && at <= 3 && digits[0] != '0';
  return three && small ? '?' : only;
}

}  // namespace

NumberText read_number(std::string_view text, char mark, std::string_view country, bool money,
                       Value& out) {
  std::string reduced;
  if (!reduce(text, money, reduced)) return NumberText::none;
  if (reduced.empty())
    return text.find_first_not_of(" \t") == std::string_view::npos ? NumberText::empty
                                                                   : NumberText::none;
  std::string_view digits = reduced;
  bool negative = false;
  if (digits.front() == '-' || digits.front() == '+') {
    negative = digits.front() == '-';
    digits.remove_prefix(1);
  } else if (digits.back() == '-') {  // as some ledgers write it
    negative = true;
    digits.remove_suffix(1);
  }
  if (digits.empty() || digits.find_first_of("-+") != std::string_view::npos) {
    return NumberText::none;
  }
  if (mark == 0) mark = told_mark(digits);
  if (mark == '?') mark = mark_of(country);
  const bool ambiguous = mark == 0 && told_mark(digits) == '?';
  if (ambiguous) return NumberText::ambiguous;

  const std::size_t at = mark == 0 ? std::string_view::npos : digits.find(mark);
  const std::string_view whole = digits.substr(0, at);
  const std::string_view fraction =
      at == std::string_view::npos ? std::string_view() : digits.substr(at + 1);
  const char separator = mark != 0 ? (mark == '.' ? ',' : '.')
                                   : (whole.find(',') != std::string_view::npos ? ',' : '.');
  if (fraction.find_first_not_of("0123456789") != std::string_view::npos ||
      !grouped_in_threes(whole, separator)) {
    return NumberText::none;
  }
  std::string plain(negative ? "-" : "");
  const std::size_t start = plain.size();
  for (const char c : whole) {
    if (is_digit(c))
      plain += c;
    else if (c != separator)
      return NumberText::none;
  }
  if (plain.size() == start && fraction.empty()) return NumberText::none;
  const std::size_t significant = plain.find_first_not_of('0', start);
  plain.erase(start, std::min(significant, plain.size()) - start);
  if (plain.size() == start) plain += '0';
  if (!fraction.empty()) plain.append(".").append(fraction);
  return parse_number(plain, out) ? NumberText::number : NumberText::none;
}

}  // namespace rondom::expression
