#include <algorithm>
#include <array>

#include "store/ingest.h"
#include "store/pruning.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

// Rows of a table read, and keys changed, together: bounds the memory.
constexpr std::int64_t pruned_together = 5'000;
constexpr std::size_t runs_per_scan = 10'000;

constexpr std::string_view history_words[history_count] = {
    "orders",     "events",       "survey_answers", "versions", "raw",
    "quarantine", "dead_letters", "changes",        "runs"};

namespace part {
enum : std::int64_t { activities, keys, quarantine, dead_letters, changes, runs, count };
}  // namespace part

}  // namespace

bool Pruning::wants_activities() const {
  return wants(History::orders) || wants(History::events) || wants(History::survey_answers);
}

std::size_t Pruning::together() const {
  return static_cast<std::size_t>(std::min(pruned_together, left_));
}

void Pruning::went(History kind, std::int64_t bytes) {
  Amount& amount = amounts_[static_cast<std::size_t>(kind)];
  ++amount.rows;
  amount.bytes += bytes;
}

Result<bool> Pruning::go_on() {
  RONDOM_TRY(find_runs());
  RONDOM_TRY(find_refreshes());
  while (place_.part < part::count && left_ > 0) {
    RONDOM_TRY_ASSIGN(const bool is_done, go_through());
    if (is_done) place_ = {place_.part + 1, 0, 0};
  }
  if (place_.part < part::count) return false;
  place_ = {};
  return true;
}

Result<bool> Pruning::go_through() {
  switch (place_.part) {
    case part::activities: return wants_activities() ? old_activities() : Result<bool>(true);
    case part::keys: {
      const bool any = wants(History::versions) || wants(History::raw);
      return any ? old_versions() : Result<bool>(true);
    }
    case part::quarantine: return wants(History::quarantine) ? old_refused() : Result<bool>(true);
    case part::dead_letters:
      return wants(History::dead_letters) ? old_letters() : Result<bool>(true);
    case part::changes: return wants(History::changes) ? old_changes() : Result<bool>(true);
    default: return wants(History::runs) ? old_reports() : Result<bool>(true);
  }
}

/// The runs that began before each cutoff, and before every one that did not, have smaller numbers
/// than these: one whose clock was wrong makes none old that came before it.
Status Pruning::find_runs() {
  for (std::int64_t& number : first_kept_) number = 0;
  std::array<bool, history_count> is_found{};
  std::vector<Cell> after;
  for (std::size_t rows = runs_per_scan; rows == runs_per_scan;) {
    rows = 0;
    std::int64_t last = 0;
    const Scan scan{&tables::run, nullptr, {}, after, runs_per_scan, 3, false};
    RONDOM_TRY(database_.scan(scan, [&](std::size_t, auto row) {
      ++rows;
      last = row[0].integer();
      const Timestamp began = row[2].integer();
      for (std::size_t kind = 0; kind < history_count; ++kind) {
        const Timestamp cutoff = cutoffs_.before[kind];
        if (cutoff == no_time || is_found[kind]) continue;
        is_found[kind] = began == no_time || began >= cutoff;
        if (!is_found[kind]) first_kept_[kind] = last + 1;
      }
    }));
    after = {last};
  }
  return {};
}

/// Whoever is in the middle of one is told from the unseen by the first record of its key.
Status Pruning::find_refreshes() {
  for (const StreamInfo& info : catalog_.streams()) {
    RONDOM_TRY_ASSIGN(const auto refresh, load_refresh(database_, info.stream.id));
    if (refresh) refreshing_.push_back(info.stream.id);
  }
  return {};
}

std::string_view to_text(History kind) {
  return history_words[static_cast<std::size_t>(kind)];
}

std::size_t history_of(Entity entity) {
  switch (entity) {
    case Entity::order: return static_cast<std::size_t>(History::orders);
    case Entity::event: return static_cast<std::size_t>(History::events);
    case Entity::survey_answer: return static_cast<std::size_t>(History::survey_answers);
    default: return history_count;
  }
}

bool Cutoffs::any() const {
  return std::any_of(before.begin(), before.end(), [](Timestamp at) { return at != no_time; });
}

Result<bool> TableStore::prune(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                               Amounts& forgotten) {
  PrunePlace at = place;
  Amounts amounts{};
  bool came_round = false;
  RONDOM_TRY(transact(Durability::process, [&]() -> Status {
    Pruning pruning({*database_, catalog_, known_, recent_, arena_}, cutoffs, at, rows_max, true,
                    amounts);
    RONDOM_TRY_ASSIGN(came_round, pruning.go_on());
    return {};
  }));
  place = at;
  for (std::size_t kind = 0; kind < history_count; ++kind) {
    forgotten[kind].rows += amounts[kind].rows;
    forgotten[kind].bytes += amounts[kind].bytes;
  }
  return came_round;
}

Result<bool> TableStore::prunable(const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
                                  Amounts& would_go) {
  RONDOM_TRY(refresh_catalog());
  Pruning pruning({*database_, catalog_, known_, recent_, arena_}, cutoffs, place, rows_max, false,
                  would_go);
  return pruning.go_on();
}

}  // namespace rondom::store
