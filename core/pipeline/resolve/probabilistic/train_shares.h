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

/// Given names and the like: by these two people of one house are known to be two, however much
/// else they share.
bool is_ones_own(Kind kind);
/// Are there given names in this model? Else nothing tells two of one house, or of one concern,
/// from one but what is given.
bool tells_housemates(const Model& model);

/// Where a level of those is rarer with one person here than given, it is so among housemates too:
/// it never speaks more for them, against one person, than given. The same of all else where
/// nothing tells housemates.
void fit_household(const Model& given, Model& model);

/// How many pairs are one person, and how many two of one household: as many as the candidates are
/// expected to be, given the answer. A pair without evidence for either is neither. The expected
/// number of pairs of one person comes back.
double learn_prior(const Model& given, const Features& features, const Blocks& blocks,
                   Model& model);

}  // namespace rondom::probabilistic
