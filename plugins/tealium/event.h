// event: one operation as an event of Tealium. Pure.
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::tealium {

/// What a job may say in `options`.
struct JobOptions {
  std::string event, leave_event, withdraw_event, environment, datasource;
  std::string visitor_attribute, operation_attribute, unknown;
  std::int64_t visitor_attribute_id = 0;
};

/// Name of the attribute that carries the operation's id, and of the one with the profile's id.
inline constexpr std::string_view operation_name = "rondom_operation";
inline constexpr std::string_view profile_name = "rondom_id";

/// What Tealium's Visitor ID attribute of the profile is: a mapped field, what was told before, or
/// the profile's id. Empty = none is known.
std::string visitor_value(const JobOptions& options, const WriteRecord& record, const Json& fields);

/// Code::data with a sentence when this record cannot be an event; Code::config when no record of
/// this map could be one.
Result<Json> event_of(const JobOptions& options, const WriteRecord& record, const Json& fields);

}  // namespace rondom::tealium
