// date: dates and times as sources write them -> ISO 8601 and RFC 3339. Pure but for the zone cache
// that the caller passes in.
#pragma once

#include <string_view>

#include "pipeline/normalize/outcome.h"
#include "pipeline/normalize/time_zone.h"

namespace rondom::normalize {

/// ISO (full, partial, basic), day-month-year with - / or . (month first in the United States),
/// month names in Dutch, English, German and French, "05/12" without a year, and a date with a
/// time. Where the country's order would make a month above 12, the other order is the only one and
/// is taken: 05/25/1980 is 25 May everywhere, 05/06/1980 follows the country. A time with an offset
/// that is midnight in `zone` gives the day of `zone`: databases keep birth dates so. `birth`: the
/// days that programs write for "unknown" (1900-01-01, 1970-01-01, …) say nothing. Takes tidy text.
///
/// Years of two digits are refused, birth dates included: which century is meant depends on today,
/// steps have no clock, and a rule that moves with the calendar would give the same record another
/// value next year. A job that knows the century writes it before the value comes here.
Outcome clean_date(std::string_view text, std::string_view country, std::string_view zone,
                   bool birth, TimeZones& zones, Arena& arena);

/// RFC 3339, "2024-03-01 10:00:00" and "01-03-2024 10:00" in `zone`, a date alone (midnight in
/// `zone`), epoch seconds (10 digits) or milliseconds (13). Takes tidy text.
Outcome clean_time(std::string_view text, std::string_view country, std::string_view zone,
                   TimeZones& zones, Arena& arena);

}  // namespace rondom::normalize
