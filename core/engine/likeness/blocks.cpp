#include "engine/likeness/blocks.h"

#include <algorithm>

namespace rondom::engine {

std::size_t ChangedBlocks::rule_of(std::uint64_t key) const {
  return probabilistic::rule_of(key ^ stored_key(model_.entity, 0));
}

bool ChangedBlocks::is_compared(std::uint64_t key, std::int64_t size) const {
  return size > 1 && size <= largest_[rule_of(key)];
}

Keys ChangedBlocks::keys_of(const probabilistic::Features& features, std::uint32_t record) const {
  Keys keys;
  probabilistic::block_keys(model_, features, record, keys);
  for (std::uint64_t& key : keys) key = stored_key(model_.entity, key);
  return keys;
}

Status ChangedBlocks::load(Keys keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::erase_if(keys, [&](std::uint64_t key) { return blocks_.count(key) != 0; });
  RONDOM_TRY_ASSIGN(std::vector<store::Block> found, store_.blocks(keys));
  for (const std::uint64_t key : keys) blocks_[key].now.key = key;
  for (store::Block& block : found) {
    Tracked& tracked = blocks_[block.key];
    tracked.before = block.size;
    tracked.now = std::move(block);
  }
  return {};
}

void ChangedBlocks::leave(const Keys& keys, store::RecordId record) {
  for (const std::uint64_t key : keys) {
    Tracked& block = blocks_[key];
    block.touched = true;
    if (block.is_listed()) std::erase(block.now.members, record);
    --block.now.size;
  }
}

void ChangedBlocks::enter(const Keys& keys, store::RecordId record) {
  for (const std::uint64_t key : keys) {
    Tracked& block = blocks_[key];
    block.touched = true;
    if (block.is_listed()) {
      auto& members = block.now.members;
      members.insert(std::lower_bound(members.begin(), members.end(), record), record);
    }
    ++block.now.size;
  }
}

Status ChangedBlocks::load_between(std::size_t rule, std::int64_t smaller, std::int64_t larger) {
  const std::uint64_t first = stored_key(model_.entity, std::uint64_t{rule} << 56);
  return store_.scan_blocks(first, smaller + 1, larger, [&](store::Block& block) {
    if (blocks_.count(block.key) != 0) return;
    Tracked& tracked = blocks_[block.key];
    tracked.before = block.size;
    tracked.now = std::move(block);
  });
}

Result<std::string> ChangedBlocks::count(LikenessState::OfEntity& entity,
                                         std::int64_t records_now) {
  largest_before_ = entity.sizes.largest_compared(entity.records);
  for (const auto& [key, block] : blocks_) {
    entity.sizes.resize(rule_of(key), block.before, block.now.size);
  }
  entity.records = records_now;
  largest_ = entity.sizes.largest_compared(records_now);
  for (std::size_t rule = 0; rule < largest_.size(); ++rule) {
    const auto [smaller, larger] = std::minmax(largest_before_[rule], largest_[rule]);
    if (larger - smaller > sizes_crossed_max) {
      return std::string("a blocking rule makes many more or fewer pairs than it may");
    }
    if (smaller != larger) RONDOM_TRY(load_between(rule, smaller, larger));
  }
  for (const auto& [key, block] : blocks_) {
    if (!block.is_listed() && block.now.size <= largest_[rule_of(key)]) {
      return std::string("a block that was too large is compared again");
    }
  }
  return std::string();
}

std::vector<ChangedBlocks::Crossed> ChangedBlocks::crossed() const {
  std::vector<Crossed> found;
  for (const auto& [key, block] : blocks_) {
    const bool was_too_large = block.before > largest_before_[rule_of(key)];
    const bool is_too_large = block.now.size > largest_[rule_of(key)];
    if (was_too_large != is_too_large) found.push_back({was_too_large, block.now.members});
  }
  return found;
}

namespace {

Keys shared_keys(const Keys& keys, const Keys& others) {
  Keys common;
  std::set_intersection(keys.begin(), keys.end(), others.begin(), others.end(),
                        std::back_inserter(common));
  return common;
}

}  // namespace

bool ChangedBlocks::share_one(const Keys& keys, const Keys& others) const {
  const Keys common = shared_keys(keys, others);
  return std::any_of(common.begin(), common.end(), [&](std::uint64_t key) {
    const auto known = blocks_.find(key);
    return known != blocks_.end() && is_compared(key, known->second.now.size);
  });
}

std::optional<std::uint64_t> ChangedBlocks::unknown_shared(const Keys& keys,
                                                           const Keys& others) const {
  const Keys common = shared_keys(keys, others);
  const auto unknown = std::find_if(common.begin(), common.end(),
                                    [&](std::uint64_t key) { return blocks_.count(key) == 0; });
  return unknown == common.end() ? std::nullopt : std::optional(*unknown);
}

std::vector<store::RecordId> ChangedBlocks::members(const Keys& keys) const {
  std::vector<store::RecordId> records;
  for (const std::uint64_t key : keys) {
    const Tracked& block = blocks_.at(key);
    if (!is_compared(key, block.now.size)) continue;
    records.insert(records.end(), block.now.members.begin(), block.now.members.end());
  }
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records;
}

void ChangedBlocks::add_changes(std::vector<store::Block>& changes) const {
  for (const auto& [key, block] : blocks_) {
    if (!block.touched) continue;
    changes.push_back(block.now);
    if (block.now.size > members_kept_max(model_)) changes.back().members.clear();
  }
}

}  // namespace rondom::engine
