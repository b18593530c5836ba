// days: calendar days as Analytics writes them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondom::ga4 {

/// Days since 1970.
using Day = std::int64_t;

/// "2026-03-14".
std::string text_of(Day day);
/// Of "2026-03-14" and of Analytics' own "20260314"; nothing for what is no day.
std::optional<Day> day_of(std::string_view text);

}  // namespace rondom::ga4
