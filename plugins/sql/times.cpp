#include "times.h"

#include <chrono>
#include <cstdio>
#include <optional>

#include "rondom/sdk.hpp"

namespace rondom::sql {

namespace {

constexpr std::size_t date_size = 10;    // YYYY-MM-DD
constexpr std::size_t moment_size = 19;  // YYYY-MM-DD hh:mm:ss
constexpr std::int64_t second_us = 1'000'000;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Seconds since 1970 of the date or moment that `text` begins with.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight =
      std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400};
  if (text.size() == date_size) return midnight;
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!hour || !minute || !second || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
  return midnight + *hour * 3'600 + *minute * 60 + *second;
}

std::string text_of(std::int64_t seconds, char separator) {
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(moment - day);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u%c%02d:%02d:%02d", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), separator, int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()));
  return buffer;
}

}  // namespace

std::string rfc3339(std::string_view text, bool utc) {
  std::string out(text);
  if (text.size() < moment_size || !digits(text, 0, 4) || !digits(text, 5, 2) || text[4] != '-' ||
      (text[10] != ' ' && text[10] != 'T')) {
    return out;
  }
  if (text.ends_with(" BC")) return out;
  out[10] = 'T';
  if (out.ends_with("+00")) out.resize(out.size() - 3);
  const bool zoned = out.find_first_of("+-Z", moment_size) != std::string::npos;
  if (utc && !zoned) out += 'Z';
  return out;
}

std::string time_less(std::string_view text, std::int64_t seconds) {
  const auto moment = seconds_of(text);
  if (!moment || seconds == 0) return std::string(text);
  if (text.size() == date_size) return text_of(*moment - seconds, ' ').substr(0, date_size);
  return text_of(*moment - seconds, text[10]).append(text.substr(moment_size));
}

std::int64_t microseconds_of(std::string_view text) {
  const auto moment = seconds_of(text);
  if (!moment) return no_time;
  std::int64_t fraction = 0;
  std::int64_t scale = second_us;
  if (text.size() > moment_size && text[moment_size] == '.') {
    for (std::size_t i = moment_size + 1; i < text.size() && scale > 1; ++i) {
      if (text[i] < '0' || text[i] > '9') break;
      scale /= 10;
      fraction += (text[i] - '0') * scale;
    }
  }
  return *moment * second_us + fraction;
}

}  // namespace rondom::sql
