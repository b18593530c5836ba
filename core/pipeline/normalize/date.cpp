#include "pipeline/normalize/date.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/base.h"
#include "model/model.h"
#include "pipeline/normalize/clock_time.h"
#include "pipeline/normalize/date_reading.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr const char* no_date = "is no date";
constexpr const char* no_time = "is no time";

// Splits "2024-03-01T10:00:00+01:00" or "1-3-2024 10:00" before the clock.
bool split_clock(std::string_view text, std::string_view& day, std::string_view& clock) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 3) return false;
  const std::size_t start = colon - 2;
  const char before = text[start - 1];
  if (before != 'T' && before != 't' && before != ' ') return false;
  day = trim_ascii(text.substr(0, start - 1));
  if (!day.empty() && day.back() == ',') day.remove_suffix(1);
  clock = text.substr(start);
  return true;
}

Timestamp midnight_of(const PartialDate& date) {
  return days_from_civil({date.year, date.month, date.day}) * microseconds_per_day;
}

// The written day, unless the moment is midnight where the record comes from.
bool day_of_moment(const ClockTime& clock, std::string_view zone, TimeZones& zones,
                   PartialDate& date) {
  if (!clock.has_offset || clock.since_midnight == 0) return true;
  Timestamp local = 0;
  if (!zones.to_local(zone, midnight_of(date) + clock.since_midnight - clock.offset, local)) {
    return false;
  }
  if (local % microseconds_per_day != 0) return true;
  const CivilDate day = civil_from_days(local / microseconds_per_day);
  date = {static_cast<std::int16_t>(day.year), static_cast<std::uint8_t>(day.month),
          static_cast<std::uint8_t>(day.day)};
  return true;
}

bool is_filler(const PartialDate& date) {
  constexpr auto fillers = std::to_array<PartialDate>({{1900, 1, 1},
                                                       {1970, 1, 1},
                                                       {1, 1, 1},
                                                       {1753, 1, 1},
                                                       {1899, 12, 30},
                                                       {1899, 12, 31},
                                                       {9999, 12, 31}});
  return std::find(fillers.begin(), fillers.end(), date) != fillers.end();
}

void put_digits(char*& out, int number, int width) {
  for (int at = width - 1; at >= 0; --at) {
    out[at] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  out += width;
}

std::string_view write_date(const PartialDate& date, Arena& arena) {
  auto* start = static_cast<char*>(arena.allocate(10, 1));
  char* out = start;
  if (date.year != 0)
    put_digits(out, date.year, 4);
  else
    *out++ = '-';
  if (date.month != 0) {
    *out++ = '-';
    put_digits(out, date.month, 2);
  }
  if (date.day != 0) {
    *out++ = '-';
    put_digits(out, date.day, 2);
  }
  return {start, static_cast<std::size_t>(out - start)};
}

Outcome time_outcome(Timestamp at, std::string_view text, Arena& arena) {
  const std::string written = format_time(at);
  if (written == text) return {text, Rule::none, nullptr};
  return {arena.copy(written), Rule::date_format, nullptr};
}

Outcome epoch_outcome(std::string_view digits, Arena& arena) {
  std::int64_t number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  const std::int64_t unit = digits.size() == 10 ? microseconds_per_second : 1'000;
  return time_outcome(number * unit, digits, arena);
}

}  // namespace

Outcome clean_date(std::string_view text, std::string_view country, std::string_view zone,
                   bool birth, TimeZones& zones, Arena& arena) {
  std::string_view day = text;
  std::string_view clock_text;
  ClockTime clock;
  const bool has_clock = split_clock(text, day, clock_text);
  if (has_clock && !read_clock(clock_text, clock)) return problem(no_date);
  PartialDate date;
  switch (read_date(day, country, date)) {
    case Reading::nothing: return {};
    case Reading::unreadable: return problem(no_date);
    case Reading::date: break;
  }
  if (has_clock) {
    if (!date.complete()) return problem(no_date);
    if (!day_of_moment(clock, zone, zones, date)) return problem("has an unknown time zone");
  }
  if (birth && is_filler(date)) return {};
  const auto value = write_date(date, arena);
  if (value == text) return {text, Rule::none, nullptr};
  return {value, Rule::date_format, nullptr};
}

Outcome clean_time(std::string_view text, std::string_view country, std::string_view zone,
                   TimeZones& zones, Arena& arena) {
  if (all_digits(text) && (text.size() == 10 || text.size() == 13)) {
    return epoch_outcome(text, arena);
  }
  std::string_view day = text;
  std::string_view clock_text;
  ClockTime clock;
  if (split_clock(text, day, clock_text) && !read_clock(clock_text, clock)) return problem(no_time);
  PartialDate date;
  switch (read_date(day, country, date)) {
    case Reading::nothing: return {};
    case Reading::unreadable: return problem(no_time);
    case Reading::date: break;
  }
  if (!date.complete()) return problem(no_time);
  const Timestamp written = midnight_of(date) + clock.since_midnight;
  if (clock.has_offset) return time_outcome(written - clock.offset, text, arena);
  Timestamp utc = 0;
  if (!zones.to_utc(zone, written, utc)) return problem("has an unknown time zone");
  return time_outcome(utc, text, arena);
}

}  // namespace rondom::normalize
