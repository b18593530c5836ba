// Clock: the only way the core asks what time it is.
//
// Steps never call a clock: they take `as_of` from the run. The engine owns one Clock and passes it
// to whoever schedules, times or stamps. Implementations are safe to call from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rondom {

/// Microseconds since 1970-01-01T00:00:00Z, proleptic Gregorian calendar, no leap seconds.
using Timestamp = std::int64_t;

/// "no time is known": ranks before every real time.
inline constexpr Timestamp no_time = std::numeric_limits<std::int64_t>::min();

/// Below this, and above no_time, stand the places of what a source counts instead of timing it:
/// they order the versions of one key, and are no time (the year -34,000 and before).
inline constexpr Timestamp orders_end = -(std::int64_t{1} << 60);

/// The place of a count, `whole` and `millionths` of one more: of two counts the larger is never
/// the earlier. The millionths are told apart up to two million million. Below zero there is one
/// place.
constexpr Timestamp order_of(std::int64_t whole, std::int64_t millionths = 0) {
  constexpr std::int64_t fine_end = std::int64_t{1} << 41;
  constexpr std::int64_t places_max = orders_end - 1 - (no_time + 1);
  if (whole < 0) return no_time + 1;
  if (whole < fine_end) return no_time + 1 + whole * 1'000'000 + millionths;
  const std::int64_t coarse = whole - fine_end;
  const std::int64_t coarse_max = places_max - fine_end * 1'000'000;
  return no_time + 1 + fine_end * 1'000'000 + (coarse < coarse_max ? coarse : coarse_max);
}

constexpr bool is_time(Timestamp at) {
  return at >= orders_end;
}
/// What may be shown, and compared with what other sources say.
constexpr Timestamp time_or_none(Timestamp at) {
  return is_time(at) ? at : no_time;
}

inline constexpr std::int64_t microseconds_per_second = 1'000'000;
inline constexpr std::int64_t microseconds_per_day = 86'400 * microseconds_per_second;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  /// Monotonic microseconds, for durations only.
  virtual std::int64_t monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::int64_t monotonic() const override;
};

/// A clock that moves only when told to. For tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  Timestamp now() const override { return now_; }
  std::int64_t monotonic() const override { return now_; }
  void advance(std::int64_t microseconds) { now_ += microseconds; }

 private:
  std::atomic<Timestamp> now_;
};

struct CivilDate {
  int year = 1970;
  int month = 1;  // 1-12
  int day = 1;    // 1-31
};

/// Days since 1970-01-01 of a valid civil date, and back.
std::int64_t days_from_civil(CivilDate date);
CivilDate civil_from_days(std::int64_t days);
bool is_leap_year(int year);
int days_in_month(int year, int month);

/// RFC 3339 in UTC: "2026-03-14T21:04:05Z", with ".123456" only when there are fractions.
std::string format_time(Timestamp at);
/// "2026-03-14" of the UTC day that holds `at`.
std::string format_date(Timestamp at);
/// Strict RFC 3339 (any offset) or "YYYY-MM-DD" (midnight UTC). Fails with ErrorCode::data.
Result<Timestamp> parse_time(std::string_view text);

}  // namespace rondom
