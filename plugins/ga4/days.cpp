#include "days.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace rondom::ga4 {
namespace {

std::optional<unsigned> number_of(std::string_view digits) {
  unsigned number = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string text_of(Day day) {
  const std::chrono::sys_days days{std::chrono::days(day)};
  const std::chrono::year_month_day date(days);
  std::array<char, 24> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<Day> day_of(std::string_view text) {
  std::string digits;
  if (text.size() == 8) {
    digits = text;
  } else if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    digits = std::string(text.substr(0, 4)) + std::string(text.substr(5, 2)) +
             std::string(text.substr(8));
  } else {
    return std::nullopt;
  }
  const std::string_view all = digits;
  const auto year = number_of(all.substr(0, 4)), month = number_of(all.substr(4, 2)),
             day = number_of(all.substr(6));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace rondom::ga4
