// train_shares: what m and u alone do not say: the order of the levels, what housemates have in
// common, and how many pairs are one person or one household.
#pragma once

#include "pipeline/resolve/probabilistic/blocking.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

inline constexpr double probability_min = 1e-9;

/// A better level never weighs less than a worse one: neighbours in the wrong order share one
/// ratio.
void keep_order(Model& model);

/// No labels tell what housemates have in common: that stays as `given`. But where a level is rarer
/// here, it is so among housemates too: it never speaks more for them, against one person, than
/// given.
void fit_household(const Model& given, Model& model);

/// How many pairs are one person, and how many two of one household: as many as the candidates are
/// expected to be, given the answer. A pair without evidence for either is neither. The expected
/// number of pairs of one person comes back.
double learn_prior(const Model& given, const Features& features, const Blocks& blocks,
                   Model& model);

}  // namespace rondom::probabilistic
