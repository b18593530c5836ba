// pace: how fast a store grows, measured from the runs that it remembers.
#pragma once

#include <optional>
#include <vector>

#include "store/store.h"

namespace rondom::cli {

/// Runs that are looked at, the last ones.
inline constexpr std::size_t runs_for_a_pace_max = 200;

/// What one run took in, as the store tells of it.
struct PastRun {
  Timestamp started_at = 0;
  std::int64_t records_kept = 0;  // new and changed ones
  std::int64_t records_new = 0;
};
PastRun past_run(const store::RunEntry& run);

/// Since the oldest of the runs, whose own records were there before; nothing when there are too
/// few to say so.
std::optional<double> records_a_day(const std::vector<PastRun>& runs, Timestamp now);
/// The same of new records alone.
std::optional<double> new_records_a_day(const std::vector<PastRun>& runs, Timestamp now);

}  // namespace rondom::cli
