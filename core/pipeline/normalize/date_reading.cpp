#include "pipeline/normalize/date_reading.h"

#include <array>
#include <string>
#include <utility>

#include "base/base.h"
#include "model/names.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr int year_min = 1;
constexpr int year_max = 9999;
constexpr std::size_t words_max = 4;
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

}  // namespace

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

}  // namespace rondom::normalize
