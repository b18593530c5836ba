#include "pipeline/normalize/clock_time.h"

#include <algorithm>

#include "base/base.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

bool take_two(std::string_view& text, int max, int& number) {
  if (text.size() < 2 || !all_digits(text.substr(0, 2))) return false;
  number = (text[0] - '0') * 10 + (text[1] - '0');
  text.remove_prefix(2);
  return number <= max;
}

std::int64_t take_fraction(std::string_view& text) {
  std::int64_t microseconds = 0;
  std::int64_t unit = microseconds_per_second / 10;
  while (!text.empty() && is_digit(text.front())) {
    microseconds += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return microseconds;
}

bool read_offset(std::string_view text, ClockTime& time) {
  if (text.empty()) return true;
  time.has_offset = true;
  if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") return true;
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return false;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_two(text, 14, hours)) return false;
  if (!text.empty() && text.front() == ':') text.remove_prefix(1);
  if (!text.empty() && !take_two(text, 59, minutes)) return false;
  if (!text.empty()) return false;
  time.offset = (hours * 60 + minutes) * 60 * microseconds_per_second * (west ? -1 : 1);
  return true;
}

}  // namespace

bool read_clock(std::string_view text, ClockTime& time) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_two(text, 23, hour) || text.empty() || text.front() != ':') return false;
  text.remove_prefix(1);
  if (!take_two(text, 59, minute)) return false;
  std::int64_t fraction = 0;
  if (!text.empty() && text.front() == ':') {
    text.remove_prefix(1);
    if (!take_two(text, 60, second)) return false;
    if (!text.empty() && (text.front() == '.' || text.front() == ',')) {
      text.remove_prefix(1);
      if (text.empty() || !is_digit(text.front())) return false;
      fraction = take_fraction(text);
    }
  }
  time.since_midnight =
      ((hour * 60 + minute) * 60 + std::min(second, 59)) * microseconds_per_second + fraction;
  return read_offset(trim_ascii(text), time);
}

}  // namespace rondom::normalize
