// Value: one typed value of the pipeline, and what the expression language computes with.
//
// A trivially copyable 24-byte view. Text, lists and objects point into memory owned by somebody
// else (an Arena, a parsed record): a Value never outlives it. Source records are parsed straight
// into a tree of Values; there is no other document type.
#pragma once

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
  Value() = default;  // null

  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  static Value decimal(std::int64_t coefficient, int scale);  // normalised: no trailing zeros
  static Value text(std::string_view v);                      // borrowed
  static Value date(PartialDate v);
  static Value time(Timestamp v);
  static Value duration(std::int64_t microseconds);
  static Value money(std::int64_t minor, std::string_view currency);  // currency: 3 letters
  static Value list(const Value* items, std::uint32_t count);         // borrowed
  static Value object(const Member* members, std::uint32_t count);    // borrowed, in source order

  ValueType type() const { return type_; }
  bool is_null() const { return type_ == ValueType::null; }
  bool is_text() const { return type_ == ValueType::text; }
  bool is_list() const { return type_ == ValueType::list; }
  bool is_object() const { return type_ == ValueType::object; }
  bool is_number() const { return type_ == ValueType::integer || type_ == ValueType::decimal; }

  // Each accessor is valid for its own type only (asserted).
  bool as_boolean() const;
  std::int64_t as_integer() const;      // integer
  std::int64_t coefficient() const;     // decimal
  int scale() const;                    // decimal
  std::string_view as_text() const;     // text
  PartialDate as_date() const;          // date
  Timestamp as_time() const;            // time
  std::int64_t as_duration() const;     // duration, microseconds
  std::int64_t minor_units() const;     // money
  std::string_view currency() const;    // money
  std::uint32_t size() const { return size_; }  // list and object: elements; text: bytes
  const Value& item(std::uint32_t index) const;     // list
  const Member& member(std::uint32_t index) const;  // object
  /// The member of that name, or nullptr. Object only. Linear; first of its name.
  const Value* find(std::string_view name) const;

  /// The canonical text of a scalar: JSON number syntax, ISO dates, RFC 3339 times, "1990 EUR" for
  /// money (minor units), "true"/"false", text as it is; null is empty. Lists and objects: JSON.
  /// Text is borrowed where possible, else made in `arena`.
  std::string_view to_text(Arena& arena) const;

  /// Appends the value as JSON (dates, times and money as strings).
  void append_json(std::string& out) const;

 private:
  ValueType type_ = ValueType::null;
  char currency_[3] = {0, 0, 0};  // money
  std::uint32_t size_ = 0;        // text, list, object
  union {
    std::int64_t number_ = 0;  // boolean, integer, decimal, time, duration, money
    const char* text_;
    const Value* items_;
    const Member* members_;
    PartialDate date_;
  };
  std::int16_t scale_ = 0;  // decimal
};

struct Member {
  std::string_view name;
  Value value;
};

/// Total order over comparable values: integer/decimal by value, text by bytes, dates and times by
/// time. Returns false when the two types do not compare (then `order` is untouched).
bool compare(const Value& a, const Value& b, int& order);
bool same_value(const Value& a, const Value& b);  // deep; null equals null

/// "1980-05-12", "1980-05", "1980", "--05-12"; false when it is none of these or no real date.
bool parse_partial_date(std::string_view text, PartialDate& date);
std::string to_text(PartialDate date);

/// JSON number syntax -> integer or decimal, exact. False when it has more digits than 64 bits hold.
bool parse_number(std::string_view text, Value& number);

}  // namespace rondom
