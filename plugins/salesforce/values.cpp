#include "values.h"

#include <charconv>
#include <cstdio>

namespace rondom::salesforce {
namespace {

constexpr std::int64_t digits_max = 400;
constexpr std::int64_t day_seconds = 86'400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits of `text` from `at` as a number; -1 when they are none.
std::int64_t digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  std::int64_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Days since 1970 of a date of the Gregorian calendar (years begin in March, so that leap days end
/// them).
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (month <= 2) --year;
  const std::int64_t shifted = month > 2 ? month - 3 : month + 9;
  const std::int64_t era = year / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * shifted + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::optional<std::int64_t> seconds_from(std::int64_t year, std::int64_t month, std::int64_t day,
                                         std::string_view clock) {
  const std::int64_t hour = digits(clock, 0, 2), minute = digits(clock, 3, 2),
                     second = digits(clock, 6, 2);
  if (year < 1'700 || month < 1 || month > 12 || day < 1 || day > 31) return {};
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return {};
  return days_of(year, month, day) * day_seconds + hour * 3'600 + minute * 60 + second;
}

}  // namespace

std::optional<std::string> plain_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < form.size()) return {};
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == 'd' ? !is_digit(text[i]) : text[i] != form[i]) return {};
  }
  std::string out(text.substr(0, form.size()));
  std::string_view rest = text.substr(form.size());
  std::string fraction = ".000";
  if (!rest.empty() && rest[0] == '.') {
    std::size_t end = 1;
    for (; end < rest.size() && is_digit(rest[end]); ++end) {
      if (end < fraction.size()) fraction[end] = rest[end];
    }
    rest.remove_prefix(end);
  }
  if (rest != "Z" && rest != "+0000" && rest != "+00:00") return {};
  return out + fraction + "Z";
}

std::optional<std::string> plain_number(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  std::string all;          // every digit
  std::int64_t point = -1;  // digits before it
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] != '.') {
      all += text[at];
    } else if (point >= 0) {
      return {};
    } else {
      point = static_cast<std::int64_t>(all.size());
    }
  }
  if (all.empty()) return {};
  if (point < 0) point = static_cast<std::int64_t>(all.size());
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return {};
    std::string_view power = text.substr(at + 1);
    if (!power.empty() && power[0] == '+') power.remove_prefix(1);
    std::int64_t value = 0;
    const auto read = std::from_chars(power.data(), power.data() + power.size(), value);
    if (read.ec != std::errc() || read.ptr != power.data() + power.size()) return {};
    if (value > digits_max || value < -digits_max) return {};
    point += value;
  }
  const auto size = static_cast<std::int64_t>(all.size());
  if (size > digits_max) return {};
  if (point < 0) all.insert(0, static_cast<std::size_t>(-point), '0');
  if (point > size) all.append(static_cast<std::size_t>(point - size), '0');
  const auto whole = static_cast<std::size_t>(point < 0 ? 0 : point);
  std::string left = all.substr(0, whole), right = all.substr(whole);
  left.erase(0, std::min(left.find_first_not_of('0'), left.size()));
  right.erase(right.find_last_not_of('0') + 1);
  if (left.empty()) left.assign(1, '0');
  // Nor when written out: what is said here has to be readable here.
  if (left.size() + right.size() > static_cast<std::size_t>(digits_max)) return {};
  std::string out = right.empty() ? left : left + "." + right;
  return negative && out != "0" ? "-" + out : out;
}

std::optional<std::int64_t> seconds_of(std::string_view plain) {
  if (plain.size() < 20) return {};
  return seconds_from(digits(plain, 0, 4), digits(plain, 5, 2), digits(plain, 8, 2),
                      plain.substr(11, 8));
}

std::string time_text(std::int64_t seconds) {
  std::int64_t day = seconds / day_seconds, second = seconds % day_seconds;
  if (second < 0) {
    --day;
    second += day_seconds;
  }
  std::int64_t year = 1970 + (day >= 0 ? day / 366 : day / 365 - 1);  // never too late
  while (days_of(year + 1, 1, 1) <= day) ++year;
  std::int64_t month = 1;
  while (month < 12 && days_of(year, month + 1, 1) <= day) ++month;
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", static_cast<int>(year),
                static_cast<int>(month), static_cast<int>(day - days_of(year, month, 1) + 1),
                static_cast<int>(second / 3'600), static_cast<int>(second / 60 % 60),
                static_cast<int>(second % 60));
  return text;
}

std::optional<std::int64_t> seconds_of_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT")) return {};
  const std::size_t month = months.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return {};
  return seconds_from(digits(text, 12, 4), static_cast<std::int64_t>(month / 3 + 1),
                      digits(text, 5, 2), text.substr(17, 8));
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u ? 1 : 0;
  return count;
}

}  // namespace rondom::salesforce
