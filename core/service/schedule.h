// schedule: the instants that a cron schedule names, in its time zone. Pure, any thread.
//
// What happens when clocks change depends on what a person means. A schedule that names hours means
// the clock on the wall: a time that clocks skip comes at the first instant after the gap, a time
// that stands twice comes once, the first time. A schedule of all 24 hours means elapsed time: it
// goes on hour by hour through both changes, so that it meets the hour that stands twice in both of
// its passes and the hour that is skipped not at all. Source of the fields: Vixie cron, crontab(5).
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "expression/zone.h"

namespace rondom::service {

/// The first instant after `after`, on a full minute. None within `cron_years_max` years.
std::optional<Timestamp> next_time(const config::Cron& cron, const expression::Zone& zone,
                                   Timestamp after);

/// 29 February can be eight years away, and on a given weekday (with `*/n`) forty.
inline constexpr int cron_years_max = 41;

}  // namespace rondom::service
