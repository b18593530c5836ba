// Value: one typed value of the pipeline, and what the expression language computes with.
//
// A trivially copyable 24-byte view. Text, lists and objects point into memory owned by somebody
// else (an Arena, a parsed record): a Value never outlives it. Source records are parsed straight
// into a tree of Values; there is no other document type.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"

namespace rondom {

enum class ValueType : std::uint8_t {
  null,
  boolean,
  integer,   // 64 bit
  decimal,   // coefficient * 10^-scale, exact
  text,      // UTF-8
  date,      // ISO 8601, may be partial: 1980, 1980-05, --05-12
  time,      // microseconds since 1970 UTC
  duration,  // microseconds
  money,     // integer minor units + ISO 4217 code
  list,
  object,
};

const char* to_text(ValueType type);

struct Member;

/// Most digits a decimal may have after the point.
inline constexpr int decimal_scale_max = 400;

/// A date of which year, month and day may be unknown (0).
struct PartialDate {
  std::int16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  bool complete() const { return year != 0 && month != 0 && day != 0; }
  bool operator==(const PartialDate&) const = default;
};

class Value {
 public:
  Value() : number_(0) {}  // null

  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  /// Normalised: no trailing zeros after the point. 0 <= scale <= decimal_scale_max.
  static Value decimal(std::int64_t coefficient, int scale);
  static Value text(std::string_view v);  // borrowed
  static Value date(PartialDate v);
  static Value time(Timestamp v);
  static Value duration(std::int64_t microseconds);
  static Value money(std::int64_t minor, std::string_view currency);  // currency: 3 letters
  static Value list(const Value* items, std::uint32_t count);         // borrowed
  /// A list of which only what holds at the moment of an evaluation is seen: items have a time
  /// `valid_from`, `valid_to`, both or none. Borrowed.
  static Value timed_list(const Value* items, std::uint32_t count);
  static Value object(const Member* members, std::uint32_t count);  // borrowed, in source order

  ValueType type() const { return type_; }
  bool is_null() const { return type_ == ValueType::null; }
  bool is_text() const { return type_ == ValueType::text; }
  bool is_list() const { return type_ == ValueType::list; }
  bool is_timed_list() const { return is_list() && timed_; }
  bool is_object() const { return type_ == ValueType::object; }
  bool is_number() const { return type_ == ValueType::integer || type_ == ValueType::decimal; }

  // Each accessor is valid for its own type only (asserted).
  bool as_boolean() const {
    assert(type_ == ValueType::boolean);
    return number_ != 0;
  }
  std::int64_t as_integer() const {
    assert(type_ == ValueType::integer);
    return number_;
  }
  std::int64_t coefficient() const {
    assert(type_ == ValueType::decimal);
    return number_;
  }
  int scale() const {
    assert(type_ == ValueType::decimal);
    return scale_;
  }
  std::string_view as_text() const {
    assert(type_ == ValueType::text);
    return {text_, size_};
  }
  PartialDate as_date() const {
    assert(type_ == ValueType::date);
    return date_;
  }
  Timestamp as_time() const {
    assert(type_ == ValueType::time);
    return number_;
  }
  std::int64_t as_duration() const {  // microseconds
    assert(type_ == ValueType::duration);
    return number_;
  }
  std::int64_t minor_units() const {
    assert(type_ == ValueType::money);
    return number_;
  }
  std::string_view currency() const {
    assert(type_ == ValueType::money);
    return {currency_, 3};
  }
  std::uint32_t size() const { return size_; }  // list and object: elements; text: bytes
  const Value& item(std::uint32_t index) const {
    assert(type_ == ValueType::list && index < size_);
    return items_[index];
  }
  const Member& member(std::uint32_t index) const;  // object
  /// The member of that name, or nullptr. Object only. Linear; first of its name.
  const Value* find(std::string_view name) const;

  /// The canonical text of a scalar: JSON number syntax, ISO dates, RFC 3339 times, "1990 EUR" for
  /// money (minor units), "30d" for durations, "true"/"false", text as it is; null is empty. Lists
  /// and objects: JSON.
  /// Text is borrowed where possible, else made in `arena`.
  std::string_view to_text(Arena& arena) const;

  /// Appends the value as JSON (dates, times and money as strings).
  void append_json(std::string& out) const;

 private:
  ValueType type_ = ValueType::null;
  char currency_[3] = {0, 0, 0};  // money
  std::uint32_t size_ = 0;        // text, list, object
  union {
    std::int64_t number_;  // boolean, integer, decimal, time, duration, money
    const char* text_;
    const Value* items_;
    const Member* members_;
    PartialDate date_;
  };
  std::int16_t scale_ = 0;  // decimal
  bool timed_ = false;      // list
};

struct Member {
  std::string_view name;
  Value value;
};

inline const Member& Value::member(std::uint32_t index) const {
  assert(type_ == ValueType::object && index < size_);
  return members_[index];
}

/// Total order over comparable values; order becomes -1, 0 or 1. Returns false when the two do not
/// compare (then `order` is untouched). These compare:
///   integer, decimal   with one another, exactly by value
///   money              with money of the same currency; with a number, by its amount (19.90)
///   text               with text, by bytes
///   date, time         a date with a date when both know the same parts (1980-05 with 1981-01); a
///                      complete date with a time, as its midnight UTC
///   boolean, duration  each with its own type
bool compare(const Value& a, const Value& b, int& order);
/// Deep equality: integer and decimal by value, members in any order, null equals null; otherwise
/// values of different types differ.
bool same_value(const Value& a, const Value& b);

/// "1980-05-12", "1980-05", "1980", "--05-12"; false when it is none of these or no real date.
bool parse_partial_date(std::string_view text, PartialDate& date);
std::string to_text(PartialDate date);

/// JSON number syntax -> integer or decimal, exact. False when it is none (is_number_text) or has
/// more digits than 64 bits or decimal_scale_max hold.
bool parse_number(std::string_view text, Value& number);
bool is_number_text(std::string_view text);  // JSON number syntax, of any length
/// "-12.05" of coefficient -1205 and scale 2.
void append_decimal(std::string& out, std::int64_t coefficient, int scale);

/// Minor-unit digits of an ISO 4217 code: 2 for EUR, 0 for JPY; 2 when the code is unknown.
int currency_digits(std::string_view currency);

}  // namespace rondom
