// train_pairs: the pairs that a model learns from, counted by how they agree.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/resolve/probabilistic/blocking.h"
#include "pipeline/resolve/probabilistic/compare.h"

namespace rondom::probabilistic {

/// Level numbers, four bits a comparison; 15 = silent.
using Pattern = std::uint64_t;
inline constexpr std::size_t silent_level = 0xF;
inline std::size_t level_of(Pattern pattern, std::size_t comparison) {
  return pattern >> (4 * comparison) & 0xFu;
}

struct Counted {
  Pattern pattern;
  double count;
};

/// Pairs of any two records, at most random_pairs_max, by pattern.
std::vector<Counted> random_pairs(const Model& model, const Features& features);
/// Pairs of one blocking rule, at most rule_pairs_max, by pattern; `pairs`: how many.
std::vector<Counted> pairs_of_rule(const Model& model, const Features& features,
                                   const Blocks& blocks, std::size_t rule, std::int64_t& pairs);
/// The comparisons that a blocking rule already fixes, one bit each.
std::uint32_t fixed_by(const Model& model, const BlockingRule& rule);

}  // namespace rondom::probabilistic
