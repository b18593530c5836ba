#include "times.h"

#include <charconv>
#include <chrono>

namespace rondom::hubspot {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  const char* const end = text.data() + at + count;
  const auto read = std::from_chars(text.data() + at, end, value);
  if (read.ec != std::errc() || read.ptr != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || text.back() != 'Z') return std::nullopt;
  std::int64_t fraction = 0;
  if (text.size() > 20) {
    if (text[19] != '.') return std::nullopt;
    std::int64_t scale = 100;
    for (std::size_t at = 20; at + 1 < text.size(); ++at, scale /= 10) {
      const auto digit = digits(text, at, 1);
      if (!digit) return std::nullopt;
      fraction += *digit * scale;
    }
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute) * 60'000 + *second * 1'000 + fraction;
}

RecordFacts changed_at(std::string_view text) {
  RecordFacts facts;
  if (const auto at = parse_time(text)) facts.changed_at_us = *at * 1'000;
  return facts;
}

}  // namespace rondom::hubspot
