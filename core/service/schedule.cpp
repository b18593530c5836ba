#include "service/schedule.h"

namespace rondom::service {
namespace {

constexpr std::int64_t minute = 60 * microseconds_per_second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = microseconds_per_day;
constexpr std::int64_t days_max = std::int64_t{cron_years_max} * 366;
/// No zone has moved its clock by more than a day at once.
constexpr std::int64_t widest_gap = 25 * hour;

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

bool has(std::uint64_t set, std::int64_t value) {
  return (set >> value & 1) != 0;
}

bool meets_day(const config::Cron& cron, std::int64_t local_day) {
  const CivilDate date = civil_from_days(local_day);
  if (!has(cron.months, date.month)) return false;
  constexpr std::int64_t thursday = 4;  // 1970-01-01 was one
  const std::int64_t weekday = local_day + thursday - floor_to(local_day + thursday, 7);
  const bool month_day = has(cron.days, date.day);
  const bool week_day = has(cron.weekdays, weekday);
  return cron.either_day ? month_day || week_day : month_day && week_day;
}

/// When the clock on the wall first shows this time, or passes it.
Timestamp first_instant(const expression::Zone& zone, std::int64_t local) {
  const Timestamp found = zone.utc_of(local);
  if (zone.local_of(found) == local) return found;
  // Skipped. Before the change clocks show less than this, from it on they show more.
  Timestamp before = found - widest_gap;
  Timestamp after = found;
  while (after - before > microseconds_per_second) {
    const Timestamp middle = floor_to(before + (after - before) / 2, microseconds_per_second);
    (zone.local_of(middle) > local ? after : before) = middle;
  }
  return after;
}

/// The first local time from `local` on that the fields name, within its day.
std::optional<std::int64_t> next_in_day(const config::Cron& cron, std::int64_t local) {
  const std::int64_t midnight = floor_to(local, day);
  for (std::int64_t at = local; at < midnight + day; at += minute) {
    const std::int64_t hours = (at - midnight) / hour;
    if (!has(cron.hours, hours)) {
      at = midnight + (hours + 1) * hour - minute;
    } else if (has(cron.minutes, (at - midnight) % hour / minute)) {
      return at;
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> next_by_wall_clock(const config::Cron& cron, const expression::Zone& zone,
                                            Timestamp after) {
  // Instants follow local times in order, so what is still to come is shown later than now; in the
  // second pass of an hour, times of the first one are passed over.
  std::int64_t local = floor_to(zone.local_of(after), minute) + minute;
  const std::int64_t last_day = floor_to(local, day) / day + days_max;
  while (floor_to(local, day) / day <= last_day) {
    const bool today = meets_day(cron, floor_to(local, day) / day);
    const std::optional<std::int64_t> named = today ? next_in_day(cron, local) : std::nullopt;
    if (!named) {
      local = floor_to(local, day) + day;
      continue;
    }
    const Timestamp at = first_instant(zone, *named);
    if (at > after) return at;
    local = *named + minute;
  }
  return std::nullopt;
}

std::optional<Timestamp> next_by_elapsed_time(const config::Cron& cron,
                                              const expression::Zone& zone, Timestamp after) {
  Timestamp at = floor_to(after, minute) + minute;
  const Timestamp last = at + days_max * day;
  while (at <= last) {
    const std::int64_t local = zone.local_of(at);
    const std::int64_t local_day = floor_to(local, day);
    if (!meets_day(cron, local_day / day)) {
      const Timestamp tomorrow = first_instant(zone, local_day + day);
      at = tomorrow > at ? tomorrow : at + minute;
    } else if (has(cron.minutes, (local - local_day) % hour / minute)) {
      return at;
    } else {
      at += minute;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Timestamp> next_time(const config::Cron& cron, const expression::Zone& zone,
                                   Timestamp after) {
  return cron.hours == config::all_hours ? next_by_elapsed_time(cron, zone, after)
                                         : next_by_wall_clock(cron, zone, after);
}

}  // namespace rondom::service
