#include "expression/date_format.h"

#include <algorithm>

#include "base/text.h"

namespace rondom::expression {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// At most `most` digits, at least `least`.
bool take_digits(std::string_view& text, int least, int most, int& out) {
  int count = 0;
  out = 0;
  while (count < most && !text.empty() && is_digit(text.front())) {
    out = out * 10 + (text.front() - '0');
    text.remove_prefix(1);
    ++count;
  }
  return count >= least;
}

bool take_fraction(std::string_view& text, int& microseconds) {
  int digits = 0;
  microseconds = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (digits < 6) microseconds = microseconds * 10 + (text.front() - '0');
  }
  for (int i = digits; i < 6; ++i) microseconds *= 10;
  return digits >= 1 && digits <= 9;
}

bool take_half_day(std::string_view& text, bool& afternoon) {
  if (text.size() < 2 || (text[1] | 0x20) != 'm') return false;
  const char letter = char(text[0] | 0x20);
  if (letter != 'a' && letter != 'p') return false;
  afternoon = letter == 'p';
  text.remove_prefix(2);
  return true;
}

bool take_offset(std::string_view& text, int& minutes) {
  minutes = 0;
  if (text.empty()) return false;
  const char sign = text.front();
  text.remove_prefix(1);
  if (sign == 'Z' || sign == 'z') return true;
  if (sign != '+' && sign != '-') return false;
  int hours = 0;
  int rest = 0;
  if (!take_digits(text, 2, 2, hours)) return false;
  if (!text.empty() && text.front() == ':') text.remove_prefix(1);
  if (!text.empty() && is_digit(text.front()) && !take_digits(text, 2, 2, rest)) return false;
  if (hours > 18 || rest > 59) return false;
  minutes = (hours * 60 + rest) * (sign == '-' ? -1 : 1);
  return true;
}

bool within(int value, int least, int most) {
  return value >= least && value <= most;
}

}  // namespace

bool DateFormat::has(char letter) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.letter == letter; });
}

bool DateFormat::has_date() const {
  return has('y') && has('M') && has('d');
}

bool DateFormat::compile(std::string_view pattern, DateFormat& out, std::string& problem,
                         std::string& hint) {
  out.parts_.clear();
  const auto literal = [&](char c) {
    if (out.parts_.empty() || out.parts_.back().letter != 0) out.parts_.emplace_back();
    out.parts_.back().literal += c;
  };
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '\'') {
      const std::size_t end = pattern.find('\'', at + 1);
      if (end == std::string_view::npos) {
        problem = "the format has no closing quote";
        return false;
      }
      for (std::size_t i = at + 1; i < end; ++i) literal(pattern[i]);
      if (end == at + 1) literal('\'');
      at = end + 1;
      continue;
    }
    if (!is_letter(c) || c == 'T') {
      literal(c);
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < pattern.size() && pattern[end] == c) ++end;
    const int width = int(end - at);
    at = end;
    static constexpr std::string_view one_or_two = "MdHhms";
    const bool known =
        (c == 'y' && width == 4) || (one_or_two.find(c) != std::string_view::npos && width <= 2) ||
        (c == 'S' && width <= 9) || (c == 'X' && width <= 3) || (c == 'a' && width == 1);
    if (!known || out.has(c)) {
      problem = "unknown part of a date format: " + std::string(std::size_t(width), c);
      hint = "known: yyyy MM dd HH hh a mm ss SSS X";
      return false;
    }
    out.parts_.push_back({c, width, {}});
  }
  if (out.has('h') != out.has('a')) {
    problem = "hh and a (AM or PM) go together";
    return false;
  }
  return true;
}

bool DateFormat::read(std::string_view text, DateFields& out) const {
  out = {};
  int number = 0;
  bool afternoon = false;
  bool twelve_hours = false;
  for (const Part& part : parts_) {
    if (part.letter == 0) {
      if (!text.starts_with(part.literal)) return false;
      text.remove_prefix(part.literal.size());
      continue;
    }
    if (part.letter == 'S') {
      if (!take_fraction(text, out.microsecond)) return false;
      continue;
    }
    if (part.letter == 'a') {
      if (!take_half_day(text, afternoon)) return false;
      continue;
    }
    if (part.letter == 'X') {
      if (!take_offset(text, number)) return false;
      out.offset_minutes = number;
      continue;
    }
    const int most = part.letter == 'y' ? 4 : 2;
    const int least = part.width == 1 ? 1 : most;
    if (!take_digits(text, least, most, number)) return false;
    switch (part.letter) {
      case 'y': out.year = number; break;
      case 'M': out.month = number; break;
      case 'd': out.day = number; break;
      case 'H':
        if (!within(number, 0, 23)) return false;
        out.hour = number;
        break;
      case 'h':
        if (!within(number, 1, 12)) return false;
        twelve_hours = true;
        out.hour = number % 12;
        break;
      case 'm':
        if (!within(number, 0, 59)) return false;
        out.minute = number;
        break;
      default:
        if (!within(number, 0, 59)) return false;
        out.second = number;
    }
  }
  if (twelve_hours && afternoon) out.hour += 12;
  return text.empty();
}

std::optional<std::int64_t> local_time_of(const DateFields& fields) {
  const int year = fields.year.value_or(0);
  const int month = fields.month.value_or(0);
  const int day = fields.day.value_or(0);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return std::nullopt;
  }
  const std::int64_t seconds = (fields.hour * 60LL + fields.minute) * 60 + fields.second;
  return days_from_civil({year, month, day}) * microseconds_per_day +
         seconds * microseconds_per_second + fields.microsecond;
}

bool is_zero_date(std::string_view text) {
  int zeros = 0;
  for (const char c : text) {
    if (c == '0') ++zeros;
    if (is_letter(c) ? c != 'T' && c != 'Z' : c >= '1' && c <= '9') return false;
  }
  return zeros >= 8;
}

}  // namespace rondom::expression
