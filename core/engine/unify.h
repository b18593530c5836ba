// unify: what ingest marked dirty → postings → components → profiles.
//
// Works in units: sets of records that may end in one profile, closed under joining identifiers and
// under old membership, so that every unit can be solved, merged and written on its own. Many dirty
// records are grouped by one scan of all postings (union-find, four bytes a record); few are
// grouped by following identifiers from them. Restartable at any point: a unit leaves the work list
// in the transaction that writes its profiles.
#pragma once

#include <functional>
#include <string>

#include "engine/engine.h"
#include "engine/ingest.h"
#include "pipeline/merge/merge.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::engine {

/// From this many dirty records on, one scan of all postings is cheaper than following each.
inline constexpr std::int64_t bulk_dirty_records_min = 20'000;
/// Records indexed in one sorted run.
inline constexpr std::size_t postings_run_records = 1'000'000;
/// Records whose references are looked up together.
inline constexpr std::size_t link_run_records = 50'000;
/// Records loaded, solved and written at a time.
inline constexpr std::size_t unify_chunk_records = 20'000;
/// With so many records for each one that changed, the changed ones are compared by themselves: one
/// costs as much as comparing a hundred among all.
inline constexpr std::int64_t compared_share_min = 200;
/// Records that are grouped anew because a few changed: so many, and so many more for each one that
/// changed. Beyond it, everybody is compared.
inline constexpr std::size_t regrouped_records_max = 5'000;
inline constexpr std::size_t regrouped_records_each = 50;
/// Union-find holds four bytes a record: its named bound.
inline constexpr store::RecordId bulk_record_id_max = 64'000'000;

/// Where unify changes its way of working. The outcome is the same with any values.
struct UnifyLimits {
  std::int64_t bulk_records_min = bulk_dirty_records_min;
  std::size_t chunk_records = unify_chunk_records;
  std::size_t postings_records = postings_run_records;
  std::size_t group_records_max = limits::records_per_component_max;
  std::size_t link_records = link_run_records;
  std::int64_t compared_share = compared_share_min;
  std::size_t regrouped_records = regrouped_records_max;
};

struct LikenessModels;

struct UnifyJob {
  const config::Project* project = nullptr;
  const resolve::Rules* identity = nullptr;
  const merge::Rules* merge = nullptr;
  std::string run;
  std::string profile_key;                   // secret that founds profile ids, kept in the store
  const LikenessModels* likeness = nullptr;  // likeness_state.h; nullptr: read from the project
  std::size_t threads = 2;
  const Cancel* cancel = nullptr;
  StageTimers* timers = nullptr;
  std::function<void(std::int64_t done, std::int64_t total)> progress;
  UnifyLimits limits;
};

Status unify(const UnifyJob& job, store::Store& store, UnifyReport& report);

}  // namespace rondom::engine
