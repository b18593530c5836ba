// renaming: jobs and connections that the project calls otherwise than the store does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "engine/engine.h"
#include "store/store.h"

namespace rondom::engine {

/// What the store remembers of `from`, and what its connector keeps beside it, is of `to` from now
/// on. The project may say the new name already or still the old one, not both. ErrorCode::usage:
/// it says both or neither, nothing is remembered of `from`, or something of `to`.
Result<store::Renamed> rename(Engine& engine, store::Renaming::Kind kind, const std::string& from,
                              const std::string& to);

/// ErrorCode::guarded: the store calls this job, or what it reads, otherwise, and the project does
/// not: everything would be read or sent once more. report.guard_id is set; accepted, it is another
/// one with an old name, from now on.
Status check_not_renamed(const config::Project& project, const config::Job& job,
                         const RunOptions& options, store::Store& store, JobReport& report);

/// One that the project does not name and the store remembers, and one that it names and nothing is
/// remembered of, which may be the same.
struct ProbableRename {
  store::Renaming::Kind kind = store::Renaming::Kind::job;
  std::string from, to;
  std::string sentence;  // with the verb that helps
};
Result<std::vector<ProbableRename>> probable_renames(const config::Project& project,
                                                     store::Store& store);
/// Those of this job and its connection, as warnings.
void tell_renames(const std::vector<ProbableRename>& probable, const config::Job& job,
                  JobReport& report);

}  // namespace rondom::engine
