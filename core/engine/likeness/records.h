// records: records, and whom they are like, as far as one change needs them; each is read once.
// Private to the engine; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/record_names.h"

namespace rondom::engine {

using Ids = std::vector<store::RecordId>;
void sort_unique(Ids& ids);

/// Live records of one entity, with their unique names.
class LiveRecords {
 public:
  LiveRecords(store::Store& store, const RecordNames& names, Entity entity)
      : store_(store), names_(names), entity_(entity) {}

  Status load(Ids ids);
  struct Named {
    store::StoredRecord record;
    std::string name;
  };
  /// Of those loaded; nullptr: it is not live, or of the other entity.
  const Named* find(store::RecordId id) const;

 private:
  store::Store& store_;
  const RecordNames& names_;
  Entity entity_;
  std::unordered_map<store::RecordId, Named> records_;
  std::unordered_set<store::RecordId> looked_for_;
};

/// Whom records are like: what is stored, and what is different now. Whatever is named must be
/// loaded.
class LikelyPairs {
 public:
  explicit LikelyPairs(store::Store& store) : store_(store) {}

  Status load(Ids ids);
  const std::map<store::RecordId, std::int32_t>& of(store::RecordId id) const {
    return rows_.at(id).others;
  }
  bool is_known(store::RecordId a, store::RecordId b) const { return of(a).count(b) != 0; }
  void set(store::RecordId a, store::RecordId b, std::int32_t bits);
  void erase(store::RecordId a, store::RecordId b);
  /// All pairs of `id`.
  void forget(store::RecordId id);
  /// By record.
  void add_changes(std::vector<store::Likely>& changes) const;

 private:
  using Others = std::map<store::RecordId, std::int32_t>;
  struct Row {
    Others others;
    std::optional<Others>
        stored;  // before the first change: many are scored again to what they were
    Others& change();
  };
  store::Store& store_;
  std::map<store::RecordId, Row> rows_;
};

}  // namespace rondom::engine
