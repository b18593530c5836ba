// train: m, u, the prior and the values' frequencies from the records themselves, without labels.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/resolve/probabilistic/features.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// What one blocking rule taught.
struct RuleTraining {
  std::string rule;
  std::int64_t pairs = 0;  // looked at
  double same = 0;         // expected share of pairs that are one person
  double household = 0;    // … two people of one household
  int rounds = 0;          // until m no longer changed
  bool used = false;       // enough matches to say anything
};

struct Training {
  Model model;
  std::vector<RuleTraining> rules;
  double prior_pairs = 0;  // expected pairs of one person among all
};

/// Random pairs for u, at most.
inline constexpr std::size_t random_pairs_max = 500'000;
/// Pairs of one blocking rule for EM, at most.
inline constexpr std::size_t rule_pairs_max = 100'000;
/// Values a comparison lists with their own frequency, at most; all others share one.
inline constexpr std::size_t listed_values_max = 2'000;

/// The model with numbers fitted to these records. Where they say little, the given numbers stay:
/// they count as so many pairs seen before. The same records in the same order give the same model.
Training train(const Model& model, const Features& features, std::size_t threads);

}  // namespace rondom::probabilistic
