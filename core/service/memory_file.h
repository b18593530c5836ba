// memory_file: what the service remembers over its own end, in one small file of the state folder.
//
// Written whole or not at all, before the thing that it tells of goes on. One writer: the service.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/base.h"
#include "service/notices.h"
#include "service/planner.h"

namespace rondom::service {

/// How a job's last run ended.
struct LastRun {
  Timestamp finished_at = no_time, success_at = no_time;
  std::string status, error;
  int exit_code = 0;
  double seconds = 0;
  bool operator==(const LastRun&) const = default;
};

struct ServiceMemory {
  std::uint64_t seed = 0;  // of jitter
  std::map<std::string, JobMemory> jobs;
  std::map<std::string, LastRun> last_runs;
  std::map<std::string, Troubles> troubles;  // of jobs that have some
  bool operator==(const ServiceMemory&) const = default;
};

/// Nothing yet when there is no file. ErrorCode::bad_state: it is not one of ours;
/// ErrorCode::unavailable: it cannot be read.
Result<ServiceMemory> load_memory(const std::string& file);
/// ErrorCode::unavailable: it is not on the disk, the old one is.
Status save_memory(const std::string& file, const ServiceMemory& memory);
/// While no service is up: what is remembered of a job is of `to` from now on. Nothing to do
/// without a file.
Status rename_in_memory(const std::string& file, const std::string& job, const std::string& to);

}  // namespace rondom::service
