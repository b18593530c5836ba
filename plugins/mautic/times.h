// Times as Mautic writes them: "2026-03-01 10:00:00" in UTC in tables, ISO 8601 with an offset in
// documents. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondom::mautic {

/// Seconds since 1970 UTC; no offset means UTC.
std::optional<std::int64_t> parse_time(std::string_view text);
/// "2026-03-01 10:00:00", as conditions want it.
std::string table_time(std::int64_t seconds);

}  // namespace rondom::mautic
