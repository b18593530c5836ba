// DateFormat: reads dates and times by a pattern of Unicode's letters (yyyy MM dd HH mm ss).
//
// Known: yyyy, M or MM, d or dd, H or HH, h or hh with a (AM/PM), m or mm, s or ss, S… (fraction),
// X (Z or an offset). One letter takes one or two digits, two letters take two. Other letters stand
// in single quotes ('T'), T also without; everything else stands for itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/value.h"

namespace rondom::expression {

/// What a text said; parts that the pattern does not name are not there.
struct DateFields {
  std::optional<int> year;
  std::optional<int> month;
  std::optional<int> day;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  std::optional<int> offset_minutes;
};

class DateFormat {
 public:
  /// False with a problem when the pattern is none.
  static bool compile(std::string_view pattern, DateFormat& out, std::string& problem,
                      std::string& hint);
  /// False when the text does not fit. Ranges are checked, whether the day exists is not.
  bool read(std::string_view text, DateFields& out) const;
  bool has_date() const;  // year, month and day

 private:
  struct Part {
    char letter = 0;  // 0 = literal
    int width = 0;
    std::string literal;
  };
  bool has(char letter) const;
  std::vector<Part> parts_;
};

/// Microseconds of local time since 1970; nothing when the date does not exist.
std::optional<std::int64_t> local_time_of(const DateFields& fields);
/// "0000-00-00 00:00:00" and its like: a database's way to say nothing.
bool is_zero_date(std::string_view text);

}  // namespace rondom::expression
