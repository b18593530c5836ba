#include "pipeline/activate/planner.h"

#include <algorithm>

#include "pipeline/activate/shared_contacts.h"

namespace rondom::activate {
namespace {

constexpr std::size_t gone_per_chunk = 5'000;
constexpr std::size_t reviews_per_read = 10'000;
/// Rows that survivors take over in one pass; more are removed and created again.
constexpr std::size_t moved_max = 100'000;
constexpr int survivor_hops_max = 1'000;

Status cancelled() {
  return {ErrorCode::cancelled, "delivery was cancelled between two batches"};
}

/// The rows that a chunk of the dead and their survivors have.
Result<std::vector<store::Delivery>> rows_of(std::span<const Gone> gone, std::string_view name,
                                             store::Store& store) {
  std::vector<store::ProfileId> ids;
  for (const Gone& one : gone) {
    ids.push_back(one.profile);
    if (one.into != 0) ids.push_back(one.into);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return store.deliveries(name, ids);
}

}  // namespace

/// Records that changed hands are few: their profiles fit in memory.
Status Planner::find_to_review() {
  to_review_.clear();
  for (store::RecordId after = 0;;) {
    RONDOM_TRY_ASSIGN(const auto ids, store_.owners_to_review(after, reviews_per_read));
    if (ids.empty()) break;
    after = ids.back();
    RONDOM_TRY_ASSIGN(const auto records, store_.records(ids));
    for (const store::StoredRecord& record : records) {
      if (record.profile != 0) to_review_.push_back(record.profile);
    }
  }
  std::sort(to_review_.begin(), to_review_.end());
  return {};
}

Status Planner::each_batch(const Work& work, const Cancel* cancel, const Take& take) {
  moved_.clear();
  into_.clear();
  for (const Gone& gone : work.gone) into_[gone.profile] = gone.into;
  nothing_held_ = work.nothing_held;
  RONDOM_TRY(find_to_review());
  const auto stop = [&] { return cancel != nullptr && cancel->requested(); };
  for (std::size_t at = 0; at < work.gone.size(); at += gone_per_chunk) {
    if (stop()) return cancelled();
    const std::size_t count = std::min(gone_per_chunk, work.gone.size() - at);
    RONDOM_TRY(plan_gone({work.gone.data() + at, count}, take));
  }
  store::ProfileId after = 0;
  const std::size_t per_chunk = definition_.job->prepare ? prepared_per_chunk : profiles_per_chunk;
  for (std::size_t at = 0; work.full || at < work.changed.size(); at += per_chunk) {
    if (stop()) return cancelled();
    std::vector<store::Profile> profiles;
    if (work.full) {
      RONDOM_TRY_ASSIGN(profiles, store_.scan_profiles(after, per_chunk));
      if (profiles.empty()) break;
      after = profiles.back().id;
    } else {
      const std::size_t count = std::min(per_chunk, work.changed.size() - at);
      RONDOM_TRY_ASSIGN(profiles, store_.profiles({work.changed.data() + at, count}));
    }
    RONDOM_TRY(plan_profiles(profiles, take));
  }
  return {};
}

/// The survivor takes over what the destination holds of the merged profile, when it holds nothing
/// of the survivor and knows the record by a name of its own: one contact there, no duplicate.
void Planner::resolve_gone(const Gone& gone, Rows& rows, const Survivors& survivors,
                           PlannedBatch& batch) {
  const auto found = rows.find(gone.profile);
  if (found == rows.end()) {
    batch.not_withheld.push_back(gone.profile);
    return;
  }
  store::Delivery row = std::move(found->second);
  rows.erase(found);
  moved_.erase(row.profile);
  std::erase_if(batch.rows, [&](const auto& one) { return one.profile == row.profile; });
  const auto survivor = rows.find(gone.into);
  const bool acknowledged = row.state == store::DeliveryState::acknowledged;
  const bool same_there = survivor != rows.end() && !row.remote_id.empty() &&
                          survivor->second.remote_id == row.remote_id;
  const bool takes_over = gone.into != 0 && survivor == rows.end() && acknowledged &&
                          !row.remote_id.empty() && moved_.size() < moved_max;
  if (!same_there && !takes_over) {
    const auto found_survivor = survivors.find(gone.profile);
    arena_.reset();
    decide_gone(definition_, options_,
                found_survivor == survivors.end() ? Survivor() : found_survivor->second, row,
                arena_, batch);
    return;
  }
  batch.erased.push_back(row.profile);
  batch.not_withheld.push_back(row.profile);
  if (same_there) return;
  row.profile = gone.into;
  rows[row.profile] = row;
  moved_[row.profile] = row;
  batch.rows.push_back(std::move(row));
}

/// A survivor may have been merged itself since.
store::ProfileId Planner::last_survivor(store::ProfileId profile) const {
  for (int hop = 0; hop < survivor_hops_max; ++hop) {
    const auto next = into_.find(profile);
    if (next == into_.end() || next->second == 0) break;
    profile = next->second;
  }
  return profile;
}

Status Planner::find_survivors(std::span<const Gone> gone, std::vector<store::Profile>& profiles,
                               Survivors& survivors) {
  std::vector<store::ProfileId> ids;
  for (const Gone& one : gone) {
    if (one.into != 0) ids.push_back(last_survivor(one.into));
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  RONDOM_TRY_ASSIGN(profiles, store_.profiles(ids));
  std::vector<Permission> permissions;
  permissions.reserve(profiles.size());
  std::vector<Reached> reached;
  for (const store::Profile& profile : profiles) {
    permissions.push_back(own_permission(profile));
    if (permissions.back().allowed) reached.push_back({&profile, &permissions.back()});
  }
  if (definition_.purpose != nullptr) {
    RONDOM_TRY(apply_shared_contacts(*definition_.purpose, definition_.job->as_of,
                                     definition_.job->job->connection, store_, reached));
  }
  for (const Gone& one : gone) {
    if (one.into == 0) continue;
    const store::ProfileId last = last_survivor(one.into);
    const auto at = std::lower_bound(
        profiles.begin(), profiles.end(), last,
        [](const store::Profile& profile, store::ProfileId id) { return profile.id < id; });
    if (at == profiles.end() || at->id != last) continue;
    survivors[one.profile] = {&*at, permissions[static_cast<std::size_t>(at - profiles.begin())]};
  }
  return {};
}

Status Planner::plan_gone(std::span<const Gone> gone, const Take& take) {
  RONDOM_TRY_ASSIGN(auto stored, rows_of(gone, definition_.name, store_));
  Rows rows;
  for (store::Delivery& row : stored) rows.emplace(row.profile, std::move(row));
  for (const Gone& one : gone) {
    for (const store::ProfileId id : {one.profile, one.into}) {
      const auto moved = moved_.find(id);
      if (moved != moved_.end()) rows.emplace(id, moved->second);
    }
  }
  std::vector<store::Profile> profiles;
  Survivors survivors;
  RONDOM_TRY(find_survivors(gone, profiles, survivors));
  PlannedBatch batch;
  batch.of_gone = true;
  for (const Gone& one : gone) resolve_gone(one, rows, survivors, batch);
  return take(batch);
}

Permission Planner::own_permission(const store::Profile& profile) const {
  if (definition_.purpose != nullptr) {
    return permission_for(profile.values, profile.entity, *definition_.purpose,
                          definition_.job->as_of, {}, definition_.job->job->connection);
  }
  Permission permission;
  permission.allowed = definition_.entity == Entity::organization;
  if (!permission.allowed) {
    permission.why = Withholding::no_consent;
    permission.reason = "no purpose";
  }
  return permission;
}

Status Planner::find_rows(const std::vector<store::Profile>& profiles,
                          std::vector<Standing>& standings) {
  std::vector<store::ProfileId> ids;
  ids.reserve(profiles.size());
  for (const store::Profile& profile : profiles) ids.push_back(profile.id);
  RONDOM_TRY_ASSIGN(rows_, store_.deliveries(definition_.name, ids));
  RONDOM_TRY_ASSIGN(const auto partings, store_.partings(ids));
  auto parted = partings.begin();
  std::size_t at = 0;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    while (parted != partings.end() && parted->first < profiles[i].id) ++parted;
    if (parted != partings.end() && parted->first == profiles[i].id) {
      standings[i].partings = parted->second;
    }
    while (at < rows_.size() && rows_[at].profile < profiles[i].id) ++at;
    if (at < rows_.size() && rows_[at].profile == profiles[i].id) {
      standings[i].row = &rows_[at];
    } else if (const auto moved = moved_.find(profiles[i].id); moved != moved_.end()) {
      standings[i].row = &moved->second;
    }
  }
  return {};
}

Status Planner::judge(const std::vector<store::Profile>& profiles,
                      std::vector<Standing>& standings) {
  const Job& job = *definition_.job;
  std::vector<Reached> reached;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const store::Profile& profile = profiles[i];
    Standing& standing = standings[i];
    standing.profile = &profile;
    standing.to_review = std::binary_search(to_review_.begin(), to_review_.end(), profile.id);
    standing.in_audience = profile.entity == definition_.entity;
    if (standing.in_audience && job.in_audience) {
      arena_.reset();
      const Value value = job.profile_value(profile, arena_);
      const Result<bool> is_in = job.in_audience(value, arena_);
      if (!is_in.ok() && is_in.error().code != ErrorCode::data) return is_in.error();
      standing.is_computed = is_in.ok();
      standing.in_audience = is_in.ok() && *is_in;
    }
    if (!standing.in_audience && standing.is_computed && standing.row == nullptr) continue;
    standing.permission = own_permission(profile);
    if (standing.permission.allowed) reached.push_back({&profile, &standing.permission});
  }
  if (definition_.purpose == nullptr) return {};
  return apply_shared_contacts(*definition_.purpose, job.as_of, job.job->connection, store_,
                               reached);
}

Status Planner::plan_profiles(const std::vector<store::Profile>& profiles, const Take& take) {
  if (profiles.empty()) return {};
  std::vector<Standing> standings(profiles.size());
  if (!nothing_held_) RONDOM_TRY(find_rows(profiles, standings));
  if (definition_.job->prepare) RONDOM_TRY(definition_.job->prepare(profiles));
  RONDOM_TRY(judge(profiles, standings));
  for (const Standing& standing : standings) {
    changes_at_ = earlier(changes_at_, standing.permission.changes_at);
    changes_at_ =
        earlier(changes_at_, relations_change_at(standing.profile->values, definition_.job->as_of));
  }
  PlannedBatch batch;
  for (const Standing& standing : standings) {
    arena_.reset();
    decide(definition_, options_, standing, arena_, batch);
  }
  return take(batch);
}

}  // namespace rondom::activate
