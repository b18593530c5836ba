#include "engine/likeness/refresh.h"

#include "engine/likeness/changed.h"
#include "engine/likeness/whole.h"

namespace rondom::engine {
namespace {

/// Nothing is compared any more: as if it never was.
Status forget_likeness(store::Store& store) {
  RONDOM_TRY_ASSIGN(const std::string found_with, pairs_found_with(store));
  if (found_with.empty()) return {};
  RONDOM_TRY(store.replace_alike({}));
  RONDOM_TRY(store.begin_likeness(0));
  return note_pairs_found_with(store, "");
}

}  // namespace

Status refresh_alike(const UnifyJob& job, store::Store& store, UnifyReport& report) {
  if (!job.project->identity.probabilistic.has_value()) return forget_likeness(store);
  LikenessModels loaded;
  if (job.likeness == nullptr) {
    RONDOM_TRY_ASSIGN(loaded, LikenessModels::load(*job.project));
  }
  const LikenessModels& models = job.likeness != nullptr ? *job.likeness : loaded;
  RONDOM_TRY_ASSIGN(const std::string found_with, pairs_found_with(store));
  RONDOM_TRY_ASSIGN(const std::int64_t dirty, store.dirty_count());
  RONDOM_TRY_ASSIGN(std::optional<LikenessState> state, LikenessState::load(store, job, models));
  if (dirty == 0 && models.fingerprint == found_with) {
    if (state.has_value()) {
      report.possible = state->possible;
      return {};
    }
    return store.scan_alike([&](std::span<const store::Alike> chunk) -> Status {
      for (const store::Alike& pair : chunk) report.possible += pair.joined ? 0 : 1;
      return {};
    });
  }
  RONDOM_TRY_ASSIGN(const Decisions decisions, Decisions::load(store));
  std::string why = "there is no index to start from";
  if (state.has_value() && models.fingerprint == found_with) {
    RONDOM_TRY_ASSIGN(why, compare_changed(job, store, models, decisions, *state));
  }
  if (!why.empty()) {
    report.compared_everybody = why;
    RONDOM_TRY_ASSIGN(state, compare_everybody(job, store, models, decisions));
    // Last: what is cut off is done again.
    RONDOM_TRY(note_pairs_found_with(store, models.fingerprint));
  }
  report.possible = state->possible;
  return {};
}

}  // namespace rondom::engine
