// KnownCache: what the last known() calls answered, so that unchanged rows need no second look-up.
//
// Owned by the one writer of the store, which takes out every key it writes: what is in here is
// true. Bounded: the oldest answer leaves. Private.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "store/store.h"

namespace rondom::store {

class KnownCache {
 public:
  struct Entry {
    std::int64_t key_hash = 0;
    std::uint64_t raw_hash = 0;
    RecordId record = 0;  // 0 = not to be relied on
  };

  /// `entries` sorted by key_hash.
  void add(StreamId stream, std::vector<Entry> entries) {
    if (answers_.size() == answers_max) answers_.erase(answers_.begin());
    answers_.push_back({stream, std::move(entries)});
  }
  /// The first record of a live key whose raw hash is this one, 0 = unknown.
  RecordId find(StreamId stream, std::int64_t key_hash, std::uint64_t raw_hash) const {
    for (const Answer& answer : answers_) {
      if (answer.stream != stream) continue;
      const auto found = position(answer.entries, key_hash);
      if (found == answer.entries.end() || found->key_hash != key_hash) continue;
      if (found->record != 0 && found->raw_hash == raw_hash) return found->record;
    }
    return 0;
  }
  void forget(StreamId stream, std::int64_t key_hash) {
    for (Answer& answer : answers_) {
      if (answer.stream != stream) continue;
      const auto found = position(answer.entries, key_hash);
      if (found == answer.entries.end() || found->key_hash != key_hash) continue;
      answer.entries[static_cast<std::size_t>(found - answer.entries.begin())].record = 0;
    }
  }
  void clear() { answers_.clear(); }

 private:
  static constexpr std::size_t answers_max = 4;
  struct Answer {
    StreamId stream;
    std::vector<Entry> entries;
  };
  static std::vector<Entry>::const_iterator position(const std::vector<Entry>& entries,
                                                     std::int64_t key_hash) {
    return std::lower_bound(
        entries.begin(), entries.end(), key_hash,
        [](const Entry& entry, std::int64_t hash) { return entry.key_hash < hash; });
  }
  std::vector<Answer> answers_;
};

}  // namespace rondom::store
