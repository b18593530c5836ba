// rfc3339: times as most systems write them, "2026-03-14T09:30:00.123+00:00" (RFC 3339), in whole
// seconds. For cursors and windows, where a fraction would only be in the way. Pure functions, any
// thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace rondom {
inline namespace sdk_v1 {

/// Whole seconds since 1970 in UTC. A fraction is dropped, a time without a zone is UTC, a space
/// may stand for the T (RFC 3339 §5.6). Nothing for what is no such time, or has something behind
/// it.
inline std::optional<std::int64_t> parse_rfc3339(std::string_view given) {
  constexpr std::size_t text_bytes_max = 64;
  if (given.size() > text_bytes_max) return std::nullopt;
  const std::string text(given);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour,
                  &minute, &second, &end) != 6) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const bool sane = date.ok() && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 &&
                    second >= 0 && second <= 60;
  if (!sane) return std::nullopt;
  std::string zone = text.substr(static_cast<std::size_t>(end));
  if (!zone.empty() && zone[0] == '.') {
    const std::size_t behind = zone.find_first_not_of("0123456789", 1);
    zone = behind == std::string::npos ? std::string() : zone.substr(behind);
  }
  std::int64_t offset = 0;
  if (!zone.empty() && zone != "Z") {
    char sign = 0;
    int hours = 0, minutes = 0, read = 0;
    if (std::sscanf(zone.c_str(), "%c%2d:%2d%n", &sign, &hours, &minutes, &read) != 3 ||
        (sign != '+' && sign != '-') || static_cast<std::size_t>(read) != zone.size()) {
      return std::nullopt;
    }
    offset = (hours * 3'600 + minutes * 60) * (sign == '-' ? -1 : 1);
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + hour * 3'600 + minute * 60 + second - offset;
}

/// "2026-03-14T09:30:00Z"; some systems want the zone written as "+00:00".
inline std::string format_rfc3339(std::int64_t seconds, std::string_view utc = "Z") {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size)) + std::string(utc);
}

}  // namespace sdk_v1
}  // namespace rondom
