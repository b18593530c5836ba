// QuarantineWriter: collects refused and contradicting rows of one transaction. Private.
//
// A row is in quarantine once: reading the same content of the same key again replaces its entry.
// Rows without a readable key are told apart by content, origin and position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/catalog.h"
#include "store/database.h"
#include "store/raw_blocks.h"

namespace rondom::store {

class QuarantineWriter {
 public:
  struct Entry {
    std::int64_t key_hash = 0;
    std::uint64_t raw_hash = 0;
    Timestamp observed_at = no_time;
    std::int64_t generation = 0;
    std::uint64_t position = 0;
    std::string_view key, stage, reason, origin, raw;
    RawPlace kept_raw;  // where the raw record is, when `raw` is empty
  };

  QuarantineWriter(Database& database, Catalog& catalog, Arena& arena, StreamId stream,
                   std::string_view run)
      : database_(database), catalog_(catalog), arena_(arena), stream_(stream), run_(run) {}

  void add(const Entry& entry) { entries_.push_back(entry); }
  /// This entry was mapped again: it leaves, unless it is added once more.
  void release(std::int64_t id) { released_.push_back(id); }
  Status flush();

 private:
  Status read_kept_raw();
  Status erase_released(const Rows& written);

  Database& database_;
  Catalog& catalog_;
  Arena& arena_;
  StreamId stream_;
  std::string_view run_;
  std::vector<Entry> entries_;
  std::vector<std::int64_t> released_;
};

}  // namespace rondom::store
