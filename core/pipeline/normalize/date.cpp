#include "pipeline/normalize/date.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/base.h"
#include "model/model.h"
#include "model/names.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr const char* no_date = "is no date";
constexpr const char* no_time = "is no time";
constexpr int year_min = 1;
constexpr int year_max = 9999;
constexpr std::size_t words_max = 4;

enum class Reading { date, nothing, unreadable };

// Of Dutch, English, German, French, Italian and Spanish, folded (model/names.h), by month.
constexpr std::array<std::string_view, 12> month_names = {
    "jan januari januar january janvier janv janner gennaio enero janeiro",
    "feb februari februar february fevrier fev fevr febr febbraio febrero",
    "mrt maart mar march marz maerz mars mae marzo",
    "apr april avril avr aprile abril",
    "mei may mai maggio mayo",
    "jun juni june juin giugno junio",
    "jul juli july juil juillet luglio julio",
    "aug augustus august aout aou agosto",
    "sep sept september septembre settembre septiembre",
    "okt oct oktober october octobre ottobre octubre",
    "nov november novembre noviembre",
    "dec dez december dezember decembre dicembre diciembre"};
constexpr std::size_t month_bytes_max = 16;

int number_of(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

int month_of(std::string_view word) {
  if (word.size() < 3 || word.size() > month_bytes_max || is_digit(word.front())) return 0;
  const std::string folded = fold_name(word);
  if (folded.size() < 3 || folded.find(' ') != std::string::npos) return 0;
  for (std::size_t month = 0; month < month_names.size(); ++month) {
    for (const auto name : split(month_names[month], ' ')) {
      if (name == folded) return static_cast<int>(month) + 1;
    }
  }
  return 0;
}

bool is_real(int year, int month, int day) {
  if (year < year_min || year > year_max || month < 1 || month > 12) return false;
  return day >= 1 && day <= days_in_month(year, month);
}

// Year, month and day of which the last ones may be zero: "1980-00-00" knows the year alone.
Reading from_parts(int year, int month, int day, PartialDate& date) {
  if (year == 0 && month == 0 && day == 0) return Reading::nothing;
  if (year < year_min || year > year_max) return Reading::unreadable;
  if (month == 0 && day != 0) return Reading::unreadable;
  if (month != 0 && !is_real(year, month, day == 0 ? 1 : day)) return Reading::unreadable;
  date.year = static_cast<std::int16_t>(year);
  date.month = static_cast<std::uint8_t>(month);
  date.day = static_cast<std::uint8_t>(day);
  return Reading::date;
}

Reading from_month_and_day(int month, int day, PartialDate& date) {
  if (!is_real(2000, month, day)) return Reading::unreadable;  // a leap year: --02-29 exists
  date.month = static_cast<std::uint8_t>(month);
  date.day = static_cast<std::uint8_t>(day);
  return Reading::date;
}

struct Words {
  std::array<std::string_view, words_max> word;
  std::size_t count = 0;
  char separator = ' ';
};

bool split_words(std::string_view text, Words& words) {
  const auto first = text.find_first_of("-/. ");
  words.separator = first == std::string_view::npos ? ' ' : text[first];
  while (!text.empty()) {
    const auto end = text.find_first_of("-/. ");
    const auto word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (word.empty() || word == ",") continue;
    if (words.count == words_max) return false;
    words.word[words.count++] = word.back() == ',' ? word.substr(0, word.size() - 1) : word;
  }
  return true;
}

std::string_view without_ordinal(std::string_view word) {
  for (const std::string_view ending : {"st", "nd", "rd", "th", "er", "e"}) {
    if (word.size() > ending.size() && word.substr(word.size() - ending.size()) == ending) {
      const auto digits = word.substr(0, word.size() - ending.size());
      if (all_digits(digits)) return digits;
    }
  }
  return word;
}

Reading read_named_month(const Words& words, PartialDate& date) {
  std::array<std::string_view, 3> w{};
  for (std::size_t at = 0; at < words.count && at < 3; ++at)
    w[at] = without_ordinal(words.word[at]);
  if (words.count == 2) {  // "May 1980"
    const int month = month_of(w[0]);
    if (month == 0 || w[1].size() != 4 || !all_digits(w[1])) return Reading::unreadable;
    return from_parts(number_of(w[1]), month, 0, date);
  }
  if (words.count != 3 || w[2].size() != 4 || !all_digits(w[2])) return Reading::unreadable;
  const bool month_first = month_of(w[0]) != 0;
  const int month = month_of(month_first ? w[0] : w[1]);
  const auto day = month_first ? w[1] : w[0];
  if (month == 0 || !all_digits(day) || day.size() > 2) return Reading::unreadable;
  if (number_of(day) == 0) return Reading::unreadable;
  return from_parts(number_of(w[2]), month, number_of(day), date);
}

bool is_month_first(std::string_view country, char separator) {
  return country == "US" && separator != '.';
}

struct DayAndMonth {
  int day;
  int month;
};

// The country's order, unless only the other one is possible: no month is more than 12.
DayAndMonth in_order(int first, int second, bool month_first) {
  DayAndMonth read{first, second};
  if (month_first) std::swap(read.day, read.month);
  if (read.month > 12 && read.day <= 12) std::swap(read.day, read.month);
  return read;
}

Reading read_digits_only(std::string_view text, PartialDate& date) {
  if (text.size() == 4) {
    const int year = number_of(text);
    return from_parts(year, 0, 0, date);
  }
  if (text.size() != 8) return Reading::unreadable;
  return from_parts(number_of(text.substr(0, 4)), number_of(text.substr(4, 2)),
                    number_of(text.substr(6, 2)), date);
}

Reading read_numbers(const Words& words, std::string_view country, PartialDate& date) {
  const auto& w = words.word;
  for (std::size_t at = 0; at < words.count; ++at) {
    if (!all_digits(w[at]) || w[at].size() > 4 || w[at].size() == 3) return Reading::unreadable;
  }
  const bool month_first = is_month_first(country, words.separator);
  if (words.count == 2) {
    if (w[0].size() == 4 && w[1].size() <= 2) {
      return from_parts(number_of(w[0]), number_of(w[1]), 0, date);
    }
    if (w[1].size() == 4 && w[0].size() <= 2) {
      return from_parts(number_of(w[1]), number_of(w[0]), 0, date);
    }
    if (w[0].size() > 2 || w[1].size() > 2) return Reading::unreadable;
    const int first = number_of(w[0]);
    const int second = number_of(w[1]);
    if (first == 0 && second == 0) return Reading::nothing;
    const DayAndMonth read = in_order(first, second, month_first);
    return from_month_and_day(read.month, read.day, date);
  }
  if (words.count != 3 || w[1].size() > 2) return Reading::unreadable;
  if (w[0].size() == 4 && w[2].size() <= 2) {
    return from_parts(number_of(w[0]), number_of(w[1]), number_of(w[2]), date);
  }
  if (w[2].size() != 4 || w[0].size() > 2) return Reading::unreadable;
  const int first = number_of(w[0]);
  const int second = number_of(w[1]);
  const DayAndMonth read = in_order(first, second, month_first);
  return from_parts(number_of(w[2]), read.month, read.day, date);
}

Reading read_date(std::string_view text, std::string_view country, PartialDate& date) {
  if (text.size() == 7 && text.substr(0, 2) == "--" && text[4] == '-' &&
      all_digits(text.substr(2, 2)) && all_digits(text.substr(5))) {
    return from_month_and_day(number_of(text.substr(2, 2)), number_of(text.substr(5)), date);
  }
  if (all_digits(text)) return read_digits_only(text, date);
  if (text.empty() || text.front() == '-') return Reading::unreadable;
  Words words;
  if (!split_words(text, words)) return Reading::unreadable;
  for (std::size_t at = 0; at < words.count; ++at) {
    if (month_of(words.word[at]) != 0) return read_named_month(words, date);
  }
  return read_numbers(words, country, date);
}

struct ClockTime {
  std::int64_t since_midnight = 0;  // microseconds
  bool has_offset = false;
  std::int64_t offset = 0;  // microseconds east of UTC
};

bool take_two(std::string_view& text, int max, int& number) {
  if (text.size() < 2 || !all_digits(text.substr(0, 2))) return false;
  number = number_of(text.substr(0, 2));
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
