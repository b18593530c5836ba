// blocks: the blocks that some records were in and are in now. Private to the engine; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/likeness/state.h"
#include "pipeline/resolve/probabilistic/blocking.h"

namespace rondom::engine {

/// What a changed record said when it was compared, and says now. No text: it is not (was not)
/// there.
struct ChangedRecord {
  store::RecordId id = 0;
  bool was = false, is = false;
  bool differs = false;  // else it is here for a decision or a join
  std::string before;    // as compared, when it differs
  std::string name;
};

/// Sizes by which the largest block of a rule that is compared may move with a few records; beyond
/// it everybody is compared.
inline constexpr std::int64_t sizes_crossed_max = 8;

using Keys = std::vector<std::uint64_t>;

class ChangedBlocks {
 public:
  ChangedBlocks(store::Store& store, const probabilistic::Model& model)
      : store_(store), model_(model) {}

  /// The keys under which the store has what a record says.
  Keys keys_of(const probabilistic::Features& features, std::uint32_t record) const;
  Status load(Keys keys);
  void leave(const Keys& keys, store::RecordId record);
  void enter(const Keys& keys, store::RecordId record);

  /// Counts them in `entity`, and finds the blocks that are compared because of that, or not any
  /// more. Returns why everybody has to be compared, or nothing.
  Result<std::string> count(LikenessState::OfEntity& entity, std::int64_t records_now);
  struct Crossed {
    bool compared = false;  // now, and not before; else the other way round
    std::vector<store::RecordId> members;
  };
  /// After count().
  std::vector<Crossed> crossed() const;
  /// Members of those blocks that are compared, sorted. After count() and load() of the keys.
  std::vector<store::RecordId> members(const Keys& keys) const;
  /// Do two records with these keys (sorted) meet in a block that is compared, of those that are
  /// loaded? After count().
  bool share_one(const Keys& keys, const Keys& others) const;
  /// A block of both that is not loaded.
  std::optional<std::uint64_t> unknown_shared(const Keys& keys, const Keys& others) const;
  /// What is different now, by key.
  void add_changes(std::vector<store::Block>& changes) const;

 private:
  struct Tracked {
    std::int64_t before = 0;  // its size
    bool touched = false;
    store::Block now;
    bool is_listed() const { return static_cast<std::int64_t>(now.members.size()) == now.size; }
  };
  std::size_t rule_of(std::uint64_t key) const;
  bool is_compared(std::uint64_t key, std::int64_t size) const;
  /// Those of one rule whose size stands between two limits.
  Status load_between(std::size_t rule, std::int64_t smaller, std::int64_t larger);

  store::Store& store_;
  const probabilistic::Model& model_;
  std::map<std::uint64_t, Tracked> blocks_;
  std::vector<std::int64_t> largest_before_, largest_;  // that is compared, by rule
};

}  // namespace rondom::engine
