#include "pipeline/resolve/probabilistic/blocking.h"

#include <algorithm>
#include <thread>

namespace rondom::probabilistic {

Blocks::Blocks(const Model& model, const Features& features, std::size_t threads,
               const Entries& all)
    : sizes_(model) {
  const std::uint32_t records = features.size();
  threads = std::max<std::size_t>(1, std::min<std::size_t>(threads, records / 1000 + 1));
  // Each thread does a range of records; put together in order, the outcome is that of one thread.
  struct Range {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> counts;
  };
  std::vector<Range> ranges(threads);
  const auto collect = [&](std::size_t number) {
    std::vector<std::uint64_t> keys;
    const auto first = static_cast<std::uint32_t>(std::uint64_t{records} * number / threads);
    const auto last = static_cast<std::uint32_t>(std::uint64_t{records} * (number + 1) / threads);
    for (std::uint32_t record = first; record < last; ++record) {
      block_keys(model, features, record, keys);
      ranges[number].keys.insert(ranges[number].keys.end(), keys.begin(), keys.end());
      ranges[number].counts.push_back(static_cast<std::uint32_t>(keys.size()));
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back(collect, i);
  collect(0);
  for (std::thread& worker : workers) worker.join();

  std::vector<BlockKey> entries;
  std::size_t total = 0;
  for (const Range& range : ranges) total += range.keys.size();
  entries.reserve(total);
  std::uint32_t record = 0;
  for (const Range& range : ranges) {
    std::size_t at = 0;
    for (const std::uint32_t count : range.counts) {
      for (std::uint32_t i = 0; i < count; ++i) entries.push_back({range.keys[at++], record});
      ++record;
    }
  }
  ranges.clear();
  const auto by_key = [](const BlockKey& a, const BlockKey& b) {
    return a.key != b.key ? a.key < b.key : a.record < b.record;
  };
  if (threads > 1) {
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    std::thread other([&] { std::sort(middle, entries.end(), by_key); });
    std::sort(entries.begin(), middle, by_key);
    other.join();
    std::inplace_merge(entries.begin(), middle, entries.end(), by_key);
  } else {
    std::sort(entries.begin(), entries.end(), by_key);
  }

  counts_.resize(model.blocking.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].name = model.blocking[i].name;
  std::vector<Block> found;
  for (std::size_t first = 0; first < entries.size();) {
    std::size_t last = first + 1;
    while (last < entries.size() && entries[last].key == entries[first].key) ++last;
    if (last - first > 1) {
      found.push_back({entries[first].key, static_cast<std::uint32_t>(first),
                       static_cast<std::uint32_t>(last)});
    }
    first = last;
  }
  const auto pairs_in = [](const Block& block) {
    const std::int64_t size = block.last - block.first;
    return size * (size - 1) / 2;
  };
  for (const Block& block : found) sizes_.resize(rule_of(block.key), 0, block.last - block.first);
  const std::vector<std::int64_t> size_max = sizes_.largest_compared(records);
  if (all) all(entries);
  members_.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) members_[i] = entries[i].record;
  std::vector<std::uint32_t> key_counts(records, 0);
  for (const Block& block : found) {
    RuleCount& count = counts_[rule_of(block.key)];
    const std::int64_t size = block.last - block.first;
    count.largest = std::max(count.largest, size);
    if (size > size_max[rule_of(block.key)]) {
      ++count.cut_blocks;
      count.cut_pairs += pairs_in(block);
      continue;
    }
    ++count.blocks;
    count.pairs += pairs_in(block);
    blocks_.push_back(block);
    for (std::uint32_t i = block.first; i < block.last; ++i) ++key_counts[members_[i]];
  }
  entries.clear();
  entries.shrink_to_fit();
  key_ends_.resize(records);
  std::uint32_t end = 0;
  for (std::uint32_t i = 0; i < records; ++i) key_ends_[i] = end += key_counts[i];
  keys_.resize(end);
  std::vector<std::uint32_t> next(records, 0);
  for (std::uint32_t i = 1; i < records; ++i) next[i] = key_ends_[i - 1];
  for (const Block& block : blocks_) {
    for (std::uint32_t i = block.first; i < block.last; ++i) keys_[next[members_[i]]++] = block.key;
  }
}

std::uint64_t Blocks::first_common_key(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t i = a == 0 ? 0 : key_ends_[a - 1], j = b == 0 ? 0 : key_ends_[b - 1];
  while (i < key_ends_[a] && j < key_ends_[b]) {
    if (keys_[i] == keys_[j]) return keys_[i];
    if (keys_[i] < keys_[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return 0;
}

std::int64_t Blocks::pairs() const {
  std::int64_t sum = 0;
  for (const RuleCount& count : counts_) sum += count.pairs;
  return sum;
}

std::vector<std::size_t> Blocks::pieces(std::size_t count) const {
  std::vector<std::size_t> ends;
  const std::int64_t total = pairs();
  std::int64_t done = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::int64_t size = blocks_[i].last - blocks_[i].first;
    done += size * (size - 1) / 2;
    if (done * static_cast<std::int64_t>(count) >=
        total * static_cast<std::int64_t>(ends.size() + 1)) {
      ends.push_back(i + 1);
    }
  }
  if (ends.empty() || ends.back() != blocks_.size()) ends.push_back(blocks_.size());
  return ends;
}

}  // namespace rondom::probabilistic
