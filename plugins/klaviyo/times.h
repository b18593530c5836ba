// Times as Klaviyo writes them: "2026-03-14T09:30:00+00:00", with or without a fraction. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rondom::klaviyo {

/// Whole seconds since 1970 UTC; a fraction is dropped, a time without a zone is UTC. Nothing for what is no
/// such time.
std::optional<std::int64_t> parse_time(const std::string& text);
/// "2026-03-14T09:30:00Z"
std::string format_time(std::int64_t seconds);

}  // namespace rondom::klaviyo
