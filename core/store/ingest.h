// BatchIngest: one IngestBatch inside one transaction. Private.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/catalog.h"
#include "store/change_set.h"
#include "store/key_state.h"
#include "store/known_cache.h"
#include "store/quarantine.h"
#include "store/store.h"

namespace rondom::store {

/// The running refresh of a stream as it stands in the database.
Result<std::optional<Refresh>> load_refresh(Database& database, StreamId stream);
Status save_refresh(Database& database, StreamId stream, const Refresh& refresh);

class BatchIngest {
 public:
  BatchIngest(Database& database, Catalog& catalog, KnownCache& known, RecentPostings& recent,
              Arena& arena, const IngestBatch& batch, const StreamInfo& stream, std::int64_t run);

  Result<StreamCounts> apply();

 private:
  /// Rows of one source key, in order of the batch.
  struct Group {
    std::int64_t key_hash = 0;
    std::size_t first = 0, count = 0;  // into order_
    std::size_t state = 0;             // into states_
  };
  const Row& row(const Group& group, std::size_t n) const {
    return batch_.rows[order_[group.first + n]];
  }

  void group_rows();
  Status load();
  bool skip_unchanged(const Group& group, const KeyState& state);
  bool needs_details(const Group& group, const KeyState& state) const;
  void restore(const KeyState& state, KeyVersions& versions) const;
  void decide(const Group& group, const KeyState& state);
  Counted receive(const Row& row, KeyVersions& versions, const KeyState& state);
  /// Where a row stands in the order of versions.
  std::int64_t generation_of(const Row& row) const {
    return row.released != 0 ? row.generation : generation_;
  }
  void hear(const Row& row, KeyVersions& versions);
  void hear(Version copy, KeyVersions& versions);
  void set_aside(const std::vector<Version>& copies, std::string_view key, std::int64_t key_hash);
  void refuse(const Row& row, std::int64_t key_hash, std::string_view stage,
              std::string_view reason);
  Status finish();

  Database& database_;
  KnownCache& known_;
  Arena& arena_;
  const IngestBatch& batch_;
  const StreamInfo& stream_;
  std::int64_t run_;
  std::int64_t map_;
  std::int64_t generation_;  // that rows of this batch have in the order of versions
  StreamCounts counts_;
  bool keyless_refused_ = false;
  std::vector<std::size_t> order_;  // row numbers by key hash
  std::vector<Group> groups_;
  std::vector<KeyState> states_;
  std::vector<RecordId> seen_now_;  // first records of keys that were read
  Bitmap seen_;
  ChangeSet changes_;
  QuarantineWriter quarantine_;
};

}  // namespace rondom::store
