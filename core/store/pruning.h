// pruning: forgetting by age, a bounded part at a time (history.h). Private.
//
// An activity that is out leaves its source key as a version without outputs, as one that was
// filtered: a full refresh finds the key known and brings nothing back.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/catalog.h"
#include "store/database.h"
#include "store/history.h"
#include "store/key_state.h"
#include "store/known_cache.h"
#include "store/recent_postings.h"
#include "store/versions.h"

namespace rondom::store {

class ChangeSet;

/// What a row takes beside its texts, about.
inline constexpr std::int64_t pruned_row_bytes = 48;
inline std::int64_t pruned_bytes(std::string_view bytes) {
  return static_cast<std::int64_t>(bytes.size());
}

/// One call of prune() or prunable().
class Pruning {
 public:
  struct Tools {
    Database& database;
    Catalog& catalog;
    KnownCache& known;
    RecentPostings& recent;
    Arena& arena;
  };
  Pruning(const Tools& tools, const Cutoffs& cutoffs, PrunePlace& place, std::size_t rows_max,
          bool writes, Amounts& amounts)
      : database_(tools.database),
        catalog_(tools.catalog),
        known_(tools.known),
        recent_(tools.recent),
        arena_(tools.arena),
        cutoffs_(cutoffs),
        place_(place),
        left_(static_cast<std::int64_t>(rows_max)),
        writes_(writes),
        amounts_(amounts) {}

  /// True: it came round.
  Result<bool> go_on();

 private:
  struct Key {
    StreamId stream = 0;
    std::int64_t hash = 0;
    auto operator<=>(const Key&) const = default;
  };

  // prune.cpp: the way round.
  bool wants(History kind) const { return cutoffs_[kind] != no_time; }
  bool wants_activities() const;
  Result<bool> go_through();
  Status find_runs();
  Status find_refreshes();
  std::int64_t first_kept(History kind) const {
    return first_kept_[static_cast<std::size_t>(kind)];
  }
  std::size_t together() const;
  void went(History kind, std::int64_t bytes);

  // prune_keys.cpp: activities, older versions and kept texts, by source key.
  Result<bool> old_activities();
  Result<bool> old_versions();
  bool may_hold_old(const KeyRow& row) const;
  bool is_refreshing(StreamId stream) const;
  Status look_at(std::vector<Key> found);
  Status look_at(StreamId stream, std::span<const std::int64_t> hashes);
  bool is_old(Entity entity, std::string_view canonical) const;
  void settle(StreamId stream, const KeyState& state, ChangeSet& changes,
              std::map<std::int64_t, std::int64_t>& raw_gone);
  bool keep_wanted(Version& version, bool& changed);
  Status measure_raw(const std::map<std::int64_t, std::int64_t>& gone);

  // prune_entries.cpp: refused rows, letters, profile events and reports, by number.
  Result<std::map<std::string, Timestamp>> began(const std::vector<std::string>& ids);
  Result<bool> old_entries(const Table& table, std::size_t run_column, History kind,
                           std::int64_t kept_set, std::size_t action_column = 0);
  Result<bool> old_refused();
  Result<bool> old_letters();
  Result<bool> old_changes();
  Result<bool> old_reports();

  Database& database_;
  Catalog& catalog_;
  KnownCache& known_;
  RecentPostings& recent_;
  Arena& arena_;
  const Cutoffs& cutoffs_;
  PrunePlace& place_;
  std::int64_t left_;
  const bool writes_;
  Amounts& amounts_;
  std::array<std::int64_t, history_count> first_kept_{};
  std::vector<StreamId> refreshing_;
};

}  // namespace rondom::store
