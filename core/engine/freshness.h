// freshness: when each stream was last read completely, and whether that is longer ago than its job
// allows. One thread; no clock: the time is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "store/store.h"

namespace rondom::engine {

struct StreamFreshness {
  std::string job, stream;
  std::optional<Timestamp> last_read;  // when its last completed read ended
  std::int64_t fresh_within = 0;       // microseconds
  bool stale = false;
};

/// Where the store keeps it.
std::string last_read_key(std::string_view job);
/// Remembers that a job's streams were read completely.
Status note_read(store::Store& store, const config::Job& job, Timestamp at);
/// Was every stream of the project read completely at that time or later?
Result<bool> all_read_since(store::Store& store, const config::Project& project, Timestamp at);
/// Of the streams that have to be fresh, by job and stream. One that was never read is stale.
Result<std::vector<StreamFreshness>> freshness(store::Store& store, const config::Project& project,
                                               Timestamp now);
/// As `rondom status -o json` tells it.
std::string to_json(const std::vector<StreamFreshness>& streams);

}  // namespace rondom::engine
