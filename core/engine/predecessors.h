// Whom a job waits for: the jobs of `schedule: { after: […] }`, and those that they wait for.
// Private to the engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "engine/engine.h"
#include "store/store.h"

namespace rondom::engine {

/// Of a job that has begun and not ended; what a killed run leaves.
inline constexpr std::string_view job_status_running = "running";

/// Under which the store keeps it.
std::string last_status_key(std::string_view job);

/// Remembers how the last run of a job went, beyond this process. Durable on return.
Status note_status(store::Store& store, std::string_view job, std::string_view status);

/// Fails when the last run of a job that `job` waits for, directly or through others, did not
/// finish: unsubscribes may be missing. What this run did goes before what the store remembers; a
/// job that never ran keeps nobody waiting (decision 0025). ErrorCode::guarded when a guard stopped
/// it: both wait for the same
/// --accept.
Status check_predecessors(const config::Project& project, const config::Job& job,
                          const std::vector<JobReport>& reports, store::Store& store);

}  // namespace rondom::engine
