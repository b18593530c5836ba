#include "pipeline/activate/age.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace rondom::activate {
namespace {

constexpr std::string_view any_other = "else";
/// A day has begun everywhere when it is noon of it in UTC.
constexpr Timestamp begun_everywhere = 12 * 3'600 * microseconds_per_second;
constexpr Timestamp one_day = 24 * 3'600 * microseconds_per_second;

int age_of(const config::Purpose& purpose, std::string_view country) {
  auto found = purpose.minimum_age.find(std::string(country));
  if (found == purpose.minimum_age.end()) found = purpose.minimum_age.find(std::string(any_other));
  return found == purpose.minimum_age.end() ? 0 : found->second;
}

bool read_number(std::string_view text, int& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

}  // namespace

int minimum_age(const config::Purpose& purpose, std::span<const std::string_view> countries) {
  int highest = 0;
  for (const std::string_view country : countries) {
    highest = std::max(highest, age_of(purpose, country));
  }
  if (!countries.empty()) return highest;
  if (!purpose.country.empty()) return age_of(purpose, purpose.country);
  for (const auto& [country, age] : purpose.minimum_age) highest = std::max(highest, age);
  return highest;
}

std::optional<Timestamp> is_aged_at(std::string_view birth_date, int age) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace)
  int born = 0, month_number = 12, day_number = 31;
  if (birth_date.size() < 4 || birth_date.front() == '-') return std::nullopt;
  if (!read_number(birth_date.substr(0, 4), born)) return std::nullopt;
  const bool has_month = birth_date.size() >= 7;
  if (has_month && !read_number(birth_date.substr(5, 2), month_number)) return std::nullopt;
  const bool has_day = birth_date.size() >= 10;
  if (has_day && !read_number(birth_date.substr(8, 2), day_number)) return std::nullopt;
  const month in_month{static_cast<unsigned>(std::clamp(month_number, 1, 12))};
  if (!has_day) {
    const year_month_day_last last = year{born} / in_month / std::chrono::last;
    day_number = static_cast<int>(static_cast<unsigned>(last.day()));
  }
  const year_month_day birthday =
      year{born + age} / in_month / day{static_cast<unsigned>(day_number)};
  // A day that its month does not have is the first of the next one.
  const sys_days comes_round =
      birthday.ok() ? sys_days(birthday)
                    : sys_days(year{born + age} / in_month / std::chrono::last) + days{1};
  return comes_round.time_since_epoch().count() * one_day + begun_everywhere;
}

}  // namespace rondom::activate
