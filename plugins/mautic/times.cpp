#include "times.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace rondom::mautic {
namespace {

/// Digits of a fixed width; nothing when other characters stand there.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  int value = 0;
  const auto end = std::from_chars(text.data() + at, text.data() + at + width, value);
  if (end.ec != std::errc() || end.ptr != text.data() + at + width || value < 0)
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> offset_seconds(std::string_view rest) {
  if (rest.empty() || rest == "Z") return 0;
  const auto hours = digits(rest, 1, 2);
  const auto minutes = digits(rest, rest.size() == 6 ? 4 : 3, 2);
  if ((rest[0] != '+' && rest[0] != '-') || rest.size() > 6 || !hours || !minutes) {
    return std::nullopt;
  }
  const std::int64_t seconds = *hours * 3'600 + *minutes * 60;
  return rest[0] == '-' ? -seconds : seconds;
}

std::string format(std::int64_t seconds, const char* pattern) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 32> text{};
  const int size = std::snprintf(
      text.data(), text.size(), pattern, static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::string_view rest = text.substr(19);
  if (!rest.empty() && rest[0] == '.') {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  }
  const auto offset = offset_seconds(rest);
  if (!offset) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3'600 + *minute * 60 + *second - *offset;
}

std::string table_time(std::int64_t seconds) {
  return format(seconds, "%04d-%02u-%02u %02d:%02d:%02d");
}

}  // namespace rondom::mautic
