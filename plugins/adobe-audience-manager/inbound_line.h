// Lines of inbound files: USER ID <tab> d_sid=24,d_unsid=25,"key"="value".
//
// Source: the vendor's page "Inbound data file contents". It names no escape for quotes, tabs and
// line ends, so what holds one cannot be written and is refused. Plain functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rondom/json.hpp"

namespace rondom::audience_manager {

enum class IdKind : std::uint8_t { email_sha256, crm_id };

/// Why it cannot be a user id of that kind, a sentence without the value; empty = it can.
std::string_view user_id_problem(IdKind kind, std::string_view id);

/// The same of the key of a pair, which all records of a job share.
std::string_view key_problem(std::string_view key);

/// Appends `,"key"="value"` for each text, number, truth value and item of a list; nothing for null
/// and empty texts, which the format cannot say. Returns why the value cannot be written, or empty.
std::string_view append_pairs(std::string& line, std::string_view key, const Json& value);

/// Appends `d_sid=24,d_sid=25`, or with `d_unsid=`.
void append_traits(std::string& line, bool member, std::span<const std::int64_t> traits);

}  // namespace rondom::audience_manager
