// Times as HubSpot writes them: "2026-03-01T10:00:00.420Z" in UTC. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rondom::hubspot {

/// Milliseconds since 1970 UTC.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace rondom::hubspot
