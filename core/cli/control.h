// control: asks the project's service, at its Unix socket. One thread.
#pragma once

#include <optional>
#include <string>

#include "cli/cli.h"

namespace rondom::cli {

/// What the service answers, 200 to 299; its refusals are errors with its own sentence. No service:
/// ErrorCode::unavailable. `timeout_ms` 0: as long as it takes.
Result<std::string> ask_service(const Options& options, const std::string& method,
                                const std::string& path, const std::string& body,
                                std::int64_t timeout_ms);

/// The verb: is there a service, and can it do its work?
int health(const Options& options);

/// When the service starts jobs next, as a table for people; none when there is no service.
std::optional<std::string> service_schedule(const Options& options);

}  // namespace rondom::cli
