// Times as Mailchimp writes them: "2026-03-14T09:30:00+00:00". Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rondom::mailchimp {

/// Whole seconds since 1970 UTC; a fraction is dropped. Nothing for what is no such time.
std::optional<std::int64_t> parse_time(const std::string& text);
std::string format_time(std::int64_t seconds);

}  // namespace rondom::mailchimp
