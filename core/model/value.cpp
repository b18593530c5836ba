#include "model/value.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace rondom {

namespace {

__extension__ typedef __int128 Wide;

constexpr std::array<std::int64_t, 19> powers_of_ten = [] {
  std::array<std::int64_t, 19> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

template <typename T>
int three_way(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

struct Number {
  std::int64_t coefficient;
  int scale;
};

Number number_of(const Value& value) {
  if (value.type() == ValueType::decimal) return {value.coefficient(), value.scale()};
  return {value.as_integer(), 0};
}

int compare_numbers(Number a, Number b) {
  const int sign_a = three_way<std::int64_t>(a.coefficient, 0);
  const int sign_b = three_way<std::int64_t>(b.coefficient, 0);
  if (sign_a != sign_b || sign_a == 0) return three_way(sign_a, sign_b);
  const int difference = a.scale - b.scale;
  if (difference == 0) return three_way(a.coefficient, b.coefficient);
  // The number with the smaller scale is multiplied; past 10^18 it outgrows every 64-bit one.
  if (difference > 18) return -compare_numbers(b, a);
  if (difference < -18) return sign_a;
  const Wide wide_a = difference < 0 ? Wide(a.coefficient) * powers_of_ten[std::size_t(-difference)]
                                     : Wide(a.coefficient);
  const Wide wide_b = difference > 0 ? Wide(b.coefficient) * powers_of_ten[std::size_t(difference)]
                                     : Wide(b.coefficient);
  return three_way(wide_a, wide_b);
}

/// 1980-05 ranks against 1981-01, but not against 1980 or --05-12.
bool comparable_dates(PartialDate a, PartialDate b) {
  return (a.year != 0) == (b.year != 0) && (a.month != 0) == (b.month != 0) &&
         (a.day != 0) == (b.day != 0);
}

int date_rank(PartialDate date) {
  return (date.year * 16 + date.month) * 32 + date.day;
}

bool time_of(const Value& value, Timestamp& at) {
  if (value.type() == ValueType::time) {
    at = value.as_time();
    return true;
  }
  if (value.type() != ValueType::date || !value.as_date().complete()) return false;
  const PartialDate date = value.as_date();
  at = days_from_civil({date.year, date.month, date.day}) * microseconds_per_day;
  return true;
}

bool compare_moments(const Value& a, const Value& b, int& order) {
  if (a.type() == ValueType::date && b.type() == ValueType::date) {
    if (!comparable_dates(a.as_date(), b.as_date())) return false;
    order = three_way(date_rank(a.as_date()), date_rank(b.as_date()));
    return true;
  }
  Timestamp at_a = 0;
  Timestamp at_b = 0;
  if (!time_of(a, at_a) || !time_of(b, at_b)) return false;
  order = three_way(at_a, at_b);
  return true;
}

bool is_money(const Value& value) {
  return value.type() == ValueType::money;
}

bool compare_amounts(const Value& a, const Value& b, int& order) {
  if (is_money(a) && is_money(b)) {
    if (a.currency() != b.currency()) return false;
    order = three_way(a.minor_units(), b.minor_units());
    return true;
  }
  const auto amount = [](const Value& value) {
    return is_money(value) ? Number{value.minor_units(), currency_digits(value.currency())}
                           : number_of(value);
  };
  order = compare_numbers(amount(a), amount(b));
  return true;
}

bool is_moment(const Value& value) {
  return value.type() == ValueType::date || value.type() == ValueType::time;
}

void append_digits(std::string& out, std::uint64_t number, int width) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  const int length = int(end - buffer.data());
  if (length < width) out.append(std::size_t(width - length), '0');
  out.append(buffer.data(), std::size_t(length));
}

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append_duration(std::string& out, std::int64_t microseconds) {
  struct Unit {
    std::int64_t microseconds;
    const char* suffix;
  };
  static constexpr std::array<Unit, 6> units{{{microseconds_per_day, "d"},
                                              {3'600'000'000, "h"},
                                              {60'000'000, "m"},
                                              {1'000'000, "s"},
                                              {1'000, "ms"},
                                              {1, "us"}}};
  for (const Unit& unit : units) {
    if (microseconds == 0 || microseconds % unit.microseconds != 0) continue;
    append_integer(out, microseconds / unit.microseconds);
    out += unit.suffix;
    return;
  }
  out += "0s";
}

void append_scalar(std::string& out, const Value& value) {
  switch (value.type()) {
    case ValueType::null: break;
    case ValueType::boolean: out += value.as_boolean() ? "true" : "false"; break;
    case ValueType::integer: append_integer(out, value.as_integer()); break;
    case ValueType::decimal: append_decimal(out, value.coefficient(), value.scale()); break;
    case ValueType::text: out += value.as_text(); break;
    case ValueType::date: out += to_text(value.as_date()); break;
    case ValueType::time: out += format_time(value.as_time()); break;
    case ValueType::duration: append_duration(out, value.as_duration()); break;
    case ValueType::money:
      append_integer(out, value.minor_units());
      out += ' ';
      out += value.currency();
      break;
    case ValueType::list:
    case ValueType::object: value.append_json(out); break;
  }
}

bool same_members(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    const Member& member = a.member(i);
    // Objects from one stream mostly agree in order, so the same place is looked at first.
    const Value* other = b.member(i).name == member.name ? &b.member(i).value : b.find(member.name);
    if (other == nullptr || !same_value(member.value, *other)) return false;
  }
  return true;
}

}  // namespace

const char* to_text(ValueType type) {
  static constexpr std::array<const char*, 11> words{"null",  "boolean", "integer", "decimal",
                                                     "text",  "date",    "time",    "duration",
                                                     "money", "list",    "object"};
  return words[std::size_t(type)];
}

int currency_digits(std::string_view currency) {
  static constexpr std::array<std::string_view, 17> none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                         "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                                         "VND", "VUV", "XAF", "XOF", "XPF"};
  static constexpr std::array<std::string_view, 7> three{"BHD", "IQD", "JOD", "KWD",
                                                         "LYD", "OMR", "TND"};
  static constexpr std::array<std::string_view, 2> four{"CLF", "UYW"};
  const auto holds = [&](const auto& set) {
    return std::find(set.begin(), set.end(), currency) != set.end();
  };
  if (currency == "EUR") return 2;
  if (holds(none)) return 0;
  if (holds(three)) return 3;
  return holds(four) ? 4 : 2;
}

Value Value::boolean(bool v) {
  Value value;
  value.type_ = ValueType::boolean;
  value.number_ = v ? 1 : 0;
  return value;
}

Value Value::integer(std::int64_t v) {
  Value value;
  value.type_ = ValueType::integer;
  value.number_ = v;
  return value;
}

Value Value::decimal(std::int64_t coefficient, int scale) {
  assert(scale >= 0 && scale <= decimal_scale_max);
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
    if (coefficient == 0) scale = 0;
  }
  Value value;
  value.type_ = ValueType::decimal;
  value.number_ = coefficient;
  value.scale_ = std::int16_t(scale);
  return value;
}

Value Value::text(std::string_view v) {
  Value value;
  value.type_ = ValueType::text;
  value.text_ = v.data();
  value.size_ = std::uint32_t(v.size());
  return value;
}

Value Value::date(PartialDate v) {
  Value value;
  value.type_ = ValueType::date;
  value.date_ = v;
  return value;
}

Value Value::time(Timestamp v) {
  Value value;
  value.type_ = ValueType::time;
  value.number_ = v;
  return value;
}

Value Value::duration(std::int64_t microseconds) {
  Value value;
  value.type_ = ValueType::duration;
  value.number_ = microseconds;
  return value;
}

Value Value::money(std::int64_t minor, std::string_view currency) {
  assert(currency.size() == 3);
  Value value;
  value.type_ = ValueType::money;
  value.number_ = minor;
  std::memcpy(value.currency_, currency.data(), std::min<std::size_t>(currency.size(), 3));
  return value;
}

Value Value::list(const Value* items, std::uint32_t count) {
  Value value;
  value.type_ = ValueType::list;
  value.items_ = items;
  value.size_ = count;
  return value;
}

Value Value::timed_list(const Value* items, std::uint32_t count) {
  Value value = list(items, count);
  value.timed_ = true;
  return value;
}

Value Value::object(const Member* members, std::uint32_t count) {
  Value value;
  value.type_ = ValueType::object;
  value.members_ = members;
  value.size_ = count;
  return value;
}

const Value* Value::find(std::string_view name) const {
  assert(type_ == ValueType::object);
  for (const Member* member = members_; member != members_ + size_; ++member) {
    if (member->name == name) return &member->value;
  }
  return nullptr;
}

std::string_view Value::to_text(Arena& arena) const {
  switch (type_) {
    case ValueType::null: return {};
    case ValueType::boolean: return number_ != 0 ? "true" : "false";
    case ValueType::text: return {text_, size_};
    default: break;
  }
  std::string made;
  append_scalar(made, *this);
  return arena.copy(made);
}

void Value::append_json(std::string& out) const {
  switch (type_) {
    case ValueType::null: out += "null"; return;
    case ValueType::boolean:
    case ValueType::integer:
    case ValueType::decimal: append_scalar(out, *this); return;
    case ValueType::text: append_json_string(out, {text_, size_}); return;
    case ValueType::date:
    case ValueType::time:
    case ValueType::duration:
    case ValueType::money:
      out += '"';
      append_scalar(out, *this);
      out += '"';
      return;
    case ValueType::list:
      out += '[';
      for (std::uint32_t i = 0; i < size_; ++i) {
        if (i != 0) out += ',';
        items_[i].append_json(out);
      }
      out += ']';
      return;
    case ValueType::object:
      out += '{';
      for (std::uint32_t i = 0; i < size_; ++i) {
        if (i != 0) out += ',';
        append_json_string(out, members_[i].name);
        out += ':';
        members_[i].value.append_json(out);
      }
      out += '}';
      return;
  }
}

bool compare(const Value& a, const Value& b, int& order) {
  if ((a.is_number() || is_money(a)) && (b.is_number() || is_money(b))) {
    return compare_amounts(a, b, order);
  }
  if (is_moment(a) && is_moment(b)) return compare_moments(a, b, order);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case ValueType::boolean: order = three_way(a.as_boolean(), b.as_boolean()); return true;
    case ValueType::text: {
      const int difference = a.as_text().compare(b.as_text());
      order = three_way(difference, 0);
      return true;
    }
    case ValueType::duration: order = three_way(a.as_duration(), b.as_duration()); return true;
    default: return false;
  }
}

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(number_of(a), number_of(b)) == 0;
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case ValueType::null: return true;
    case ValueType::date: return a.as_date() == b.as_date();
    case ValueType::list: {
      if (a.size() != b.size()) return false;
      for (std::uint32_t i = 0; i < a.size(); ++i) {
        if (!same_value(a.item(i), b.item(i))) return false;
      }
      return true;
    }
    case ValueType::object: return same_members(a, b);
    default: {
      int order = 1;
      return compare(a, b, order) && order == 0;
    }
  }
}

namespace {

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& number) {
  if (at + count > text.size()) return false;
  number = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    number = number * 10 + (text[i] - '0');
  }
  return true;
}

bool real_month_and_day(int year, int month, int day) {
  if (month < 1 || month > 12) return false;
  // Without a year, 29 February may be a birthday; 2000 was a leap year.
  return day >= 1 && day <= days_in_month(year == 0 ? 2000 : year, month);
}

}  // namespace

bool parse_partial_date(std::string_view text, PartialDate& date) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() == 7 && text[0] == '-' && text[1] == '-') {
    if (text[4] != '-' || !read_digits(text, 2, 2, month) || !read_digits(text, 5, 2, day) ||
        !real_month_and_day(0, month, day)) {
      return false;
    }
  } else {
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
    if (!read_digits(text, 0, 4, year) || year == 0) return false;
    if (text.size() >= 7 &&
        (text[4] != '-' || !read_digits(text, 5, 2, month) || month < 1 || month > 12)) {
      return false;
    }
    if (text.size() == 10 && (text[7] != '-' || !read_digits(text, 8, 2, day) ||
                              !real_month_and_day(year, month, day))) {
      return false;
    }
  }
  date = {std::int16_t(year), std::uint8_t(month), std::uint8_t(day)};
  return true;
}

std::string to_text(PartialDate date) {
  std::string out;
  if (date.year == 0) {
    out += "--";
  } else {
    append_digits(out, std::uint64_t(date.year), 4);
    if (date.month != 0) out += '-';
  }
  if (date.month != 0) append_digits(out, date.month, 2);
  if (date.day != 0) {
    out += '-';
    append_digits(out, date.day, 2);
  }
  return out;
}

}  // namespace rondom
