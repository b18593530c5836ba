// doctor: what will stop a project from running, looked for before it does. Each finding is one
// kind of trouble at one place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/pace.h"

namespace rondom::cli {

struct Finding {
  bool stops_work = false;  // now; else it will, or may
  /// files, disk, clock, lock, store, freshness, plugins, connections, tokens, certificate
  std::string check;
  std::string what, why, cure;
};

/// Days until `free_bytes` are used up at the pace of these runs, a record taking as much as those
/// that are stored. Nothing when there is too little to say so.
std::optional<std::int64_t> days_until_full(const std::vector<PastRun>& runs, std::int64_t records,
                                            std::int64_t store_bytes, std::int64_t free_bytes,
                                            Timestamp now);

/// What others could read or write, or we could not, in a folder that is ours.
std::vector<Finding> look_at_files(const std::string& state_folder, unsigned user);

}  // namespace rondom::cli
