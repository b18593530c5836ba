// The same value in one writing. REST and Bulk write times and numbers differently, and a record
// that is read by both must come out equal. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondom::salesforce {

/// "2026-03-14T21:04:05.000+0000" and "…05Z" as "2026-03-14T21:04:05.000Z": such texts sort as the
/// times do. Anything else is nothing.
std::optional<std::string> plain_time(std::string_view text);
/// A JSON number without exponent and without needless zeros: "3.00E+07" as "30000000". Anything
/// else, and what has more than 400 digits, is nothing.
std::optional<std::string> plain_number(std::string_view text);

/// Seconds since 1970 of a time that plain_time() gave; parts of a second are dropped.
std::optional<std::int64_t> seconds_of(std::string_view plain);
std::string time_text(std::int64_t seconds);
/// "Thu, 02 Dec 2021 18:22:35 GMT" (RFC 9110, the form that servers send).
std::optional<std::int64_t> seconds_of_http_date(std::string_view text);

/// Characters of UTF-8 text.
std::size_t characters(std::string_view text);

}  // namespace rondom::salesforce
