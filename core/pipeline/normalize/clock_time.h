// clock_time: the time of day that a text names. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace rondom::normalize {

struct ClockTime {
  std::int64_t since_midnight = 0;  // microseconds
  bool has_offset = false;
  std::int64_t offset = 0;  // microseconds east of UTC
};

/// "10:00", "23:59:60.5", "10:00+01:00", "10:00 Z" from the start of `text` to its end. A leap
/// second is the second before it. False when the text is no time of day.
bool read_clock(std::string_view text, ClockTime& time);

}  // namespace rondom::normalize
