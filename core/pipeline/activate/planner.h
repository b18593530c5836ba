// Planner: from the work of a run to batches of planned operations, in order of profile. Reads the
// store, writes nothing; plan() and run() both go through it, so that they say the same.
#pragma once

#include <functional>
#include <map>
#include <span>

#include "pipeline/activate/decide.h"
#include "pipeline/activate/work.h"

namespace rondom::activate {

class Planner {
 public:
  /// All three must outlive the planner.
  Planner(const Definition& definition, store::Store& store, Options options)
      : definition_(definition), store_(store), options_(options) {}

  using Take = std::function<Status(PlannedBatch&)>;
  /// Calls `take` for one batch after another: first what is gone, then the profiles. A failed take
  /// or a cancel (checked between batches, ErrorCode::cancelled) ends it.
  Status each_batch(const Work& work, const Cancel* cancel, const Take& take);
  /// When time alone changes what was planned, as far as permissions tell; no_time = never.
  Timestamp changes_at() const { return changes_at_; }

 private:
  using Rows = std::map<store::ProfileId, store::Delivery>;

  /// By the profile that is no more.
  using Survivors = std::map<store::ProfileId, Survivor>;

  Status plan_gone(std::span<const Gone> gone, const Take& take);
  void resolve_gone(const Gone& gone, Rows& rows, const Survivors& survivors, PlannedBatch& batch);
  /// `profiles` keeps the survivors.
  Status find_survivors(std::span<const Gone> gone, std::vector<store::Profile>& profiles,
                        Survivors& survivors);
  store::ProfileId last_survivor(store::ProfileId profile) const;
  Status plan_profiles(const std::vector<store::Profile>& profiles, const Take& take);
  Status find_to_review();
  Status judge(const std::vector<store::Profile>& profiles, std::vector<Standing>& standings);
  Permission own_permission(const store::Profile& profile) const;
  Status find_rows(const std::vector<store::Profile>& profiles, std::vector<Standing>& standings);

  const Definition& definition_;
  store::Store& store_;
  const Options options_;
  bool nothing_held_ = false;
  std::vector<store::ProfileId> to_review_;  // sorted
  Timestamp changes_at_ = no_time;
  Arena arena_;
  std::vector<store::Delivery> rows_;  // of the chunk; Standing::row points into it
  Rows moved_;                         // rows that a survivor took over in this pass
  std::map<store::ProfileId, store::ProfileId> into_;  // of all that is gone
};

}  // namespace rondom::activate
