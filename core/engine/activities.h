// activities: what the customers did, set-wise: the activities of many profiles, each order and
// opportunity once.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/activity_sweep.h"
#include "engine/engine.h"
#include "engine/purchases.h"
#include "engine/record_names.h"
#include "pipeline/merge/merge.h"
#include "pipeline/merge/orders.h"

namespace rondom::engine {

/// Activities in memory at a time; who has more is read alone.
inline constexpr std::size_t activities_batch_max = 50'000;

struct Activities {
  std::array<std::vector<Activity>, activity_lists_count> lists;  // newest first
  bool complete = true;  // false: there are more than activities_read_max, the newest were taken
  /// When the oldest of each list no longer counts; no_time = never.
  std::array<Timestamp, activity_lists_count> leave_at;
  Activities() { leave_at.fill(no_time); }
};

/// One thread. The project, with its merge rules, and the store must outlive it.
class ActivityReader {
 public:
  /// What the project's retention leaves out by `as_of` is not there.
  ActivityReader(const config::Project& project, store::Store& store, Timestamp as_of);

  /// Of each profile, in their order. An activity belongs to whose record it refers to, or to the
  /// one profile that its identifier stands on; those of a shared device are nobody's. Whom the
  /// sweep, if there is one, has as they are, is not read from the store: of those only the lists
  /// that it was asked for. Without names, Activity::records stays empty.
  enum class Names { read, left_out };
  Result<std::vector<Activities>> read(std::span<const store::Profile> profiles,
                                       const ActivitySweep* sweep = nullptr,
                                       Names names = Names::read);

  /// identifier_hash of what an activity may say it was done by, and the place of the profile.
  struct Actor {
    std::uint64_t hash = 0;
    std::uint32_t profile = 0;
    auto operator<=>(const Actor&) const = default;
  };
  /// Everything that an activity of these profiles may say it was done by; sorted.
  Result<std::vector<Actor>> actors(std::span<const store::Profile> profiles);

 private:
  Status keep_own(std::span<const store::Profile> profiles, std::vector<Actor>& identifiers);
  Status read_part(std::span<const store::Profile> profiles, std::span<Activities> out);
  Status read_all(std::span<const store::Profile> profiles, std::span<Activities> out);
  Status load_names();
  Activities sorted_out(std::span<const FoundActivity> newest_first, bool complete);
  std::vector<Activity> each_once(const std::vector<const FoundActivity*>& found,
                                  decltype(merge::orders_of)& sorted_out);
  bool counts(const FoundActivity& activity, Activities& among) const;

  store::Store& store_;
  const Timestamp as_of_;
  const store::Cutoffs left_out_;
  RecordNames names_;
  bool names_known_ = false;
  config::Diagnostics ignored_;
  merge::Rules rules_;
  Names wanted_names_ = Names::read;
  std::string buffer_;  // of the sweep
};

}  // namespace rondom::engine
