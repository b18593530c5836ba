// walk: an independent and slow answer to "when does this schedule start a job": every minute of
// UTC is looked at, with what the clock on the wall shows then and showed a minute before. It knows
// nothing of the sets and jumps of core/service/schedule: fields are given as functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "expression/zone.h"

namespace rondom::service::test {

inline constexpr std::int64_t one_minute = 60 * microseconds_per_second;

struct Wall {
  int minute = 0, hour = 0, day = 0, month = 0, weekday = 0;  // 0 is Sunday
};

struct Kind {
  std::string cron;
  std::function<bool(const Wall&)> meets;
  bool elapsed = false;  // all 24 hours: goes through changes of the clock by elapsed time
};

inline Wall wall_of(std::int64_t local) {
  std::int64_t days = local / microseconds_per_day;
  if (local % microseconds_per_day < 0) --days;
  const std::int64_t minutes = (local - days * microseconds_per_day) / one_minute;
  const CivilDate date = civil_from_days(days);
  return {int(minutes % 60), int(minutes / 60), date.day, date.month, int((days % 7 + 11) % 7)};
}

struct Shown {
  std::int64_t local = 0;
  Wall wall;
};

/// What the clock shows at each minute of UTC from `from` on.
inline std::vector<Shown> walls(const expression::Zone& zone, Timestamp from, std::size_t minutes) {
  std::vector<Shown> shown;
  shown.reserve(minutes);
  for (std::size_t i = 0; i < minutes; ++i) {
    const std::int64_t local = zone.local_of(from + std::int64_t(i) * one_minute);
    shown.push_back({local, wall_of(local)});
  }
  return shown;
}

/// The instants of `kind` after `from`, by looking at each minute.
inline std::vector<Timestamp> walk(const Kind& kind, const std::vector<Shown>& shown,
                                   Timestamp from) {
  std::vector<Timestamp> found;
  std::int64_t latest_shown = shown.front().local;
  for (std::size_t i = 1; i < shown.size(); ++i) {
    const std::int64_t now = shown[i].local;
    bool starts = false;
    if (kind.elapsed) {
      starts = kind.meets(shown[i].wall);
    } else {
      // Every time that is shown for the first time, or was skipped just now.
      for (std::int64_t each = latest_shown + one_minute; each <= now; each += one_minute) {
        starts = starts || kind.meets(each == now ? shown[i].wall : wall_of(each));
      }
    }
    latest_shown = std::max(latest_shown, now);
    if (starts) found.push_back(from + std::int64_t(i) * one_minute);
  }
  return found;
}

/// All shapes that a field can have.
inline std::vector<Kind> kinds() {
  return {
      {"0 6 * * *", [](const Wall& w) { return w.minute == 0 && w.hour == 6; }},
      {"30 2 * * *", [](const Wall& w) { return w.minute == 30 && w.hour == 2; }},
      {"15,45 1-3 * * *",
       [](const Wall& w) {
         return (w.minute == 15 || w.minute == 45) && w.hour >= 1 && w.hour <= 3;
       }},
      {"*/20 2 * * *", [](const Wall& w) { return w.minute % 20 == 0 && w.hour == 2; }},
      {"0 */2 * * *", [](const Wall& w) { return w.minute == 0 && w.hour % 2 == 0; }},
      {"59 23 * * 7",
       [](const Wall& w) { return w.minute == 59 && w.hour == 23 && w.weekday == 0; }},
      {"0 9 * * mon-fri",
       [](const Wall& w) {
         return w.minute == 0 && w.hour == 9 && w.weekday > 0 && w.weekday < 6;
       }},
      {"0 0 29 feb *",
       [](const Wall& w) { return w.minute == 0 && w.hour == 0 && w.day == 29 && w.month == 2; }},
      {"10 4 1,15 * fri",  // either
       [](const Wall& w) {
         return w.minute == 10 && w.hour == 4 && (w.day == 1 || w.day == 15 || w.weekday == 5);
       }},
      {"10 4 */2 * fri",  // both
       [](const Wall& w) {
         return w.minute == 10 && w.hour == 4 && w.day % 2 == 1 && w.weekday == 5;
       }},
      {"0 12 31 * *", [](const Wall& w) { return w.minute == 0 && w.hour == 12 && w.day == 31; }},
      {"7 * * * *", [](const Wall& w) { return w.minute == 7; }, true},
      {"*/15 * * * *", [](const Wall& w) { return w.minute % 15 == 0; }, true},
      {"0 * * 3,10-11 0",
       [](const Wall& w) {
         return w.minute == 0 && (w.month == 3 || w.month == 10 || w.month == 11) && w.weekday == 0;
       },
       true},
  };
}

}  // namespace rondom::service::test
