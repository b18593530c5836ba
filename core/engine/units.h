// units: groups dirty records into sets that can be unified on their own. Private to the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/ties.h"

namespace rondom::engine {

/// Of identifiers that a recorded decision made evidence only. Sorted.
Result<std::vector<std::uint64_t>> generic_hashes(store::Store& store);

/// Records of several units, ready to solve. `units` index into `records`.
struct UnitChunk {
  std::vector<store::StoredRecord> records;  // by id
  std::vector<std::vector<std::uint32_t>> units;
  Ties ties;  // of these records
};

/// Tags of namespaces whose values may join records; a posting with another tag never does.
class JoiningTags {
 public:
  JoiningTags(const resolve::Rules& rules, const config::Identity& identity);
  bool joins(std::uint64_t identifier) const { return joins_[identifier_tag(identifier)]; }

 private:
  bool joins_[256] = {};
};

/// Calls `chunk` for all units that hold a dirty record, found by one scan of all postings.
Status bulk_units(const UnifyJob& job, store::Store& reader,
                  const std::vector<std::uint64_t>& generic,
                  const std::function<Status(UnitChunk)>& chunk);

/// The units that hold any of these records, closed under joining identifiers and old membership.
Result<UnitChunk> units_around(const UnifyJob& job, store::Store& store,
                               std::vector<store::RecordId> records,
                               const std::vector<std::uint64_t>& generic);

/// The units of up to unify_chunk_records dirty records, found by following their identifiers.
/// Empty when nothing is dirty.
Result<UnitChunk> few_units(const UnifyJob& job, store::Store& store,
                            const std::vector<std::uint64_t>& generic);

}  // namespace rondom::engine
