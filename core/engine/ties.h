// ties: what brings records into one unit beside identifiers: pairs that likeness joined, and what
// somebody said. Private to the engine. One thread.
#pragma once

#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/unify.h"

namespace rondom::engine {

using RecordPair = std::pair<store::RecordId, store::RecordId>;

/// Every decision there is, by record.
class Decisions {
 public:
  static Result<Decisions> load(store::Store& store);
  bool empty() const { return all_.empty(); }
  std::span<const store::Decision> all() const { return all_; }
  /// Those about any of these records, each once, by (a, b).
  std::vector<store::Decision> about(std::span<const store::RecordId> records) const;
  /// Was anything said of these two? a < b.
  bool say(store::RecordId a, store::RecordId b) const;

 private:
  std::vector<store::Decision> all_;  // by (a, b)
  std::unordered_multimap<store::RecordId, std::size_t> of_record_;
};

/// What ties records of one chunk, or one of them to another record.
struct Ties {
  std::vector<RecordPair> alike;  // joined, by (a, b)
  std::vector<store::Decision> decisions;
};

/// `records` sorted.
Result<Ties> ties_of(store::Store& store, const Decisions& decisions,
                     std::span<const store::RecordId> records);

/// "Not the same", said of a record that is gone or somebody else's now, was said of the person
/// that it stood for: it holds for a record that was in one profile with it. Before the profiles of
/// this run.
Status hand_on_decisions(store::Store& store);

/// What was said of a record was said of the person that it stood for: forgotten when it has become
/// somebody else's.
Status forget_decisions_about_others(store::Store& store);

/// How many live records of that entity the stored pairs were found among; no value when none were
/// looked for. A model that was trained on no records counts on it (records_in_steps).
Result<std::optional<std::int64_t>> compared_records(store::Store& store, Entity entity);
Status note_compared_records(store::Store& store, Entity entity, std::int64_t records);

/// Which models and thresholds the stored pairs were found with; empty: none are stored.
Result<std::string> pairs_found_with(store::Store& store);
Status note_pairs_found_with(store::Store& store, const std::string& models);

}  // namespace rondom::engine
