#include "base/clock.h"

#include <chrono>
#include <cstdio>

namespace rondom {

Timestamp SystemClock::now() const {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SystemClock::monotonic() const {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

bool is_leap_year(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 0;
  return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

std::int64_t days_from_civil(CivilDate date) {
  using namespace std::chrono;
  const sys_days days = year{date.year} / month{static_cast<unsigned>(date.month)} /
                        day{static_cast<unsigned>(date.day)};
  return days.time_since_epoch().count();
}

CivilDate civil_from_days(std::int64_t days) {
  using namespace std::chrono;
  const year_month_day date{sys_days{std::chrono::days{days}}};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

namespace {

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

// Reads exactly `digits` decimal digits at `at`; false when there are fewer.
bool read_digits(std::string_view text, std::size_t at, std::size_t digits, int& value) {
  if (at + digits > text.size()) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[at + i];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

Error not_a_time() {
  return {ErrorCode::data, "not a time in RFC 3339 form"};
}

}  // namespace

std::string format_date(Timestamp at) {
  const CivilDate date = civil_from_days(floor_divide(at, microseconds_per_day));
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

std::string format_time(Timestamp at) {
  const std::int64_t days = floor_divide(at, microseconds_per_day);
  const std::int64_t rest = at - days * microseconds_per_day;
  const auto seconds = static_cast<int>(rest / microseconds_per_second);
  const auto micros = static_cast<int>(rest % microseconds_per_second);
  char text[48];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                seconds % 60);
  std::string out = format_date(at) + text;
  if (micros != 0) {
    std::snprintf(text, sizeof text, ".%06d", micros);
    out += text;
  }
  return out + "Z";
}

Result<Timestamp> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0;
  if (!read_digits(text, 0, 4, year) || text.size() < 10 || text[4] != '-' ||
      !read_digits(text, 5, 2, month) || text[7] != '-' || !read_digits(text, 8, 2, day) ||
      month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return not_a_time();
  }
  Timestamp at = days_from_civil({year, month, day}) * microseconds_per_day;
  if (text.size() == 10) return at;

  int hour = 0, minute = 0, second = 0;
  if ((text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text.size() < 19 ||
      !read_digits(text, 11, 2, hour) || text[13] != ':' || !read_digits(text, 14, 2, minute) ||
      text[16] != ':' || !read_digits(text, 17, 2, second) || hour > 23 || minute > 59 ||
      second > 60) {
    return not_a_time();
  }
  at += (hour * 3600LL + minute * 60LL + second) * microseconds_per_second;
  std::size_t next = 19;
  if (next < text.size() && text[next] == '.') {
    ++next;
    std::int64_t unit = microseconds_per_second / 10;
    std::size_t digits = 0;
    for (; next < text.size() && text[next] >= '0' && text[next] <= '9'; ++next, ++digits) {
      at += (text[next] - '0') * unit;
      unit /= 10;
    }
    if (digits == 0) return not_a_time();
  }
  if (next >= text.size()) return not_a_time();
  if (text[next] == 'Z' || text[next] == 'z') {
    if (next + 1 != text.size()) return not_a_time();
    return at;
  }
  int offset_hour = 0, offset_minute = 0;
  const char sign = text[next];
  if ((sign != '+' && sign != '-') || !read_digits(text, next + 1, 2, offset_hour) ||
      offset_hour > 23) {
    return not_a_time();
  }
  std::size_t rest = next + 3;
  if (rest < text.size() && text[rest] == ':') ++rest;
  if (!read_digits(text, rest, 2, offset_minute) || rest + 2 != text.size() || offset_minute > 59) {
    return not_a_time();
  }
  const std::int64_t offset =
      (offset_hour * 3600LL + offset_minute * 60LL) * microseconds_per_second;
  return sign == '+' ? at - offset : at + offset;
}

}  // namespace rondom
