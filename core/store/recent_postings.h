// RecentPostings: identifiers of records that this process wrote and has not indexed yet, so that
// building their postings need not read the records back.
//
// Owned by the one writer of the store. Only a shortcut: what is not in here is read from the
// store, so that it may be cleared at any time, and is when a transaction is rolled back. Bounded.
// Private.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "store/store.h"

namespace rondom::store {

class RecentPostings {
 public:
  /// Adds a new record; ids come in rising order, others are left out.
  void add(RecordId record, std::span<const std::uint64_t> identifiers) {
    const bool full = identifiers_.size() + identifiers.size() > identifiers_max ||
                      records_.size() >= records_max;
    if (full || (!records_.empty() && record <= records_.back().id)) return;
    if (records_.size() == records_small) {
      // Growing by doubling would hold both copies at the peak; untouched room costs nothing.
      records_.reserve(records_max);
      identifiers_.reserve(identifiers_max);
    }
    const auto first = static_cast<std::uint32_t>(identifiers_.size());
    identifiers_.insert(identifiers_.end(), identifiers.begin(), identifiers.end());
    records_.push_back({record, first, static_cast<std::uint32_t>(identifiers.size())});
  }

  /// The record is not what it was when it was added.
  void forget(RecordId record) {
    const auto at = position(record);
    if (at != records_.end() && at->id == record) at->count = forgotten;
  }

  /// Calls f(record, identifiers) for those of `ids` (sorted) that are known; returns the others.
  template <typename F>
  std::vector<RecordId> take(std::span<const RecordId> ids, F&& f) {
    std::vector<RecordId> unknown;
    if (ids.empty()) return unknown;
    auto at = position(ids.front());
    for (const RecordId id : ids) {
      while (at != records_.end() && at->id < id) ++at;
      if (at == records_.end() || at->id != id || at->count == forgotten) {
        unknown.push_back(id);
      } else {
        f(id, std::span<const std::uint64_t>(identifiers_).subspan(at->first, at->count));
      }
    }
    return unknown;
  }

  /// Everything up to this record is indexed.
  void indexed(RecordId last) {
    if (!records_.empty() && records_.back().id <= last) clear();
  }

  void clear() {
    records_ = {};
    identifiers_ = {};
  }

 private:
  static constexpr std::size_t records_max = 1'000'000;      // 16 bytes each
  static constexpr std::size_t identifiers_max = 2'500'000;  // 8 bytes each
  static constexpr std::size_t records_small = 50'000;
  static constexpr std::uint32_t forgotten = UINT32_MAX;
  struct Entry {
    RecordId id;
    std::uint32_t first;
    std::uint32_t count;
  };
  std::vector<Entry>::iterator position(RecordId record) {
    return std::lower_bound(records_.begin(), records_.end(), record,
                            [](const Entry& entry, RecordId id) { return entry.id < id; });
  }
  std::vector<Entry> records_;
  std::vector<std::uint64_t> identifiers_;
};

}  // namespace rondom::store
