// Times: the text form of moments in SQL databases. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rondom::sql {

/// "2026-03-14 10:00:00.5+00" -> "2026-03-14T10:00:00.5Z"; without a zone when `utc` is false. Text
/// of another form (infinity, years before Christ) comes back as it is.
std::string rfc3339(std::string_view text, bool utc);

/// A date or moment less `seconds`, in the form it had; other text as it is.
std::string time_less(std::string_view text, std::int64_t seconds);

/// Of a date or moment, taken as UTC; no_time when it is none.
std::int64_t microseconds_of(std::string_view text);

}  // namespace rondom::sql
