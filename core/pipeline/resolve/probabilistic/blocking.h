// blocking: which pairs are worth comparing. Many tight rules; a rule's key that too many records
// carry makes no pairs, and a rule that would still make too many gives up its largest blocks; both
// are counted.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/resolve/probabilistic/block_sizes.h"
#include "pipeline/resolve/probabilistic/features.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// One record under one key. The rule's number is in the key's top byte.
struct BlockKey {
  std::uint64_t key = 0;
  std::uint32_t record = 0;
};
inline std::size_t rule_of(std::uint64_t key) {
  return static_cast<std::size_t>(key >> 56);
}

/// The keys of one record under all rules, sorted, without repeats; at most keys_per_record_max.
inline constexpr std::size_t keys_per_record_max = 96;
void block_keys(const Model& model, const Features& features, std::uint32_t record,
                std::vector<std::uint64_t>& keys);

/// Names of the rules that give two records a common key, however many others have it.
std::vector<std::string> common_rules(const Model& model, const Features& features, std::uint32_t a,
                                      std::uint32_t b);

struct RuleCount {
  std::string name;
  std::int64_t blocks = 0;      // of two records or more that are compared
  std::int64_t pairs = 0;       // in those blocks; a pair may also come from another rule
  std::int64_t largest = 0;     // records
  std::int64_t cut_blocks = 0;  // too large
  std::int64_t cut_pairs = 0;   // that they would have made
};

/// All blocks of a set of records. Memory: 12 to 16 bytes a record and rule.
class Blocks {
 public:
  /// `all`, when given, is shown every key of every record once, sorted, those that make no pairs
  /// too.
  using Entries = std::function<void(std::span<const BlockKey>)>;
  Blocks(const Model& model, const Features& features, std::size_t threads,
         const Entries& all = nullptr);

  const std::vector<RuleCount>& counts() const { return counts_; }
  const BlockSizes& sizes() const { return sizes_; }
  std::size_t size() const { return blocks_.size(); }
  std::int64_t pairs() const;

  /// Every pair of block `number` that no earlier block holds, smaller record first, with the rule.
  template <typename F>
  void pairs_of(std::size_t number, F&& f) const {
    const Block& block = blocks_[number];
    for (std::uint32_t i = block.first; i + 1 < block.last; ++i) {
      for (std::uint32_t j = i + 1; j < block.last; ++j) {
        if (first_common_key(members_[i], members_[j]) == block.key) {
          f(members_[i], members_[j], rule_of(block.key));
        }
      }
    }
  }
  /// The same with those that earlier blocks hold too.
  template <typename F>
  void all_pairs_of(std::size_t number, F&& f) const {
    const Block& block = blocks_[number];
    for (std::uint32_t i = block.first; i + 1 < block.last; ++i) {
      for (std::uint32_t j = i + 1; j < block.last; ++j) f(members_[i], members_[j]);
    }
  }
  std::size_t rule_of_block(std::size_t number) const { return rule_of(blocks_[number].key); }
  /// Blocks in pieces of about equally many pairs, for threads.
  std::vector<std::size_t> pieces(std::size_t count) const;

 private:
  struct Block {
    std::uint64_t key = 0;
    std::uint32_t first = 0, last = 0;  // in members_
  };
  std::uint64_t first_common_key(std::uint32_t a, std::uint32_t b) const;

  std::vector<RuleCount> counts_;
  BlockSizes sizes_;
  std::vector<Block> blocks_;  // by key
  std::vector<std::uint32_t> members_;
  std::vector<std::uint64_t> keys_;      // of each record, sorted; only those that make pairs
  std::vector<std::uint32_t> key_ends_;  // by record
};

}  // namespace rondom::probabilistic
