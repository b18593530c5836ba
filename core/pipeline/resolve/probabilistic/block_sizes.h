// block_sizes: how many blocks of each size every blocking rule has. It decides which blocks are
// compared: a block with more than the model's `block_records` makes no pairs, and a rule that
// would still make too many gives up its largest ones. Kept up to date record by record, it gives
// what counting all blocks gives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// Pairs that one rule makes, at most, however many records there are: beyond it, its largest
/// blocks are left out. Who is in them is found by tighter rules.
inline constexpr std::int64_t pairs_of_rule_max = 8'000'000;

/// A value; one thread.
class BlockSizes {
 public:
  explicit BlockSizes(const Model& model);

  /// A block of the rule had so many records, and has so many now; 0 and 1 are no block.
  void resize(std::size_t rule, std::int64_t before, std::int64_t now);
  /// The largest block that is compared, by rule, among so many records.
  std::vector<std::int64_t> largest_compared(std::int64_t records) const;

  /// For keeping; of the same model parse() gives the same again, and nothing for other text.
  std::string to_text() const;
  static std::optional<BlockSizes> parse(const Model& model, std::string_view text);

 private:
  std::int64_t& blocks(std::size_t rule, std::int64_t size) {
    return counts_[rule * row_ + static_cast<std::size_t>(size)];
  }
  std::int64_t block_records_max_, pairs_per_record_max_;
  std::size_t rules_, row_;
  std::vector<std::int64_t> counts_;  // by rule and size
};

}  // namespace rondom::probabilistic
