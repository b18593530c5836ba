// Times as HubSpot writes them: "2026-03-01T10:00:00.420Z" in UTC. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rondom/record_writer.hpp"

namespace rondom::hubspot {

/// Milliseconds since 1970 UTC.
std::optional<std::int64_t> parse_time(std::string_view text);
/// What is known of a record that was changed then; nothing when that cannot be read.
RecordFacts changed_at(std::string_view text);

}  // namespace rondom::hubspot
