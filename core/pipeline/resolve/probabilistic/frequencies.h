// frequencies: how common the values of a set of records are.
#pragma once

#include "pipeline/resolve/probabilistic/features.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {

/// A value's share is the chance that somebody else has it too: the records of one person count
/// once, as far as is known how many each has, and a value that only one has counts half.
/// Replaces what `model` lists; its duplicates_per_record says how many records a person has.
void count_values(Model& model, const Features& features);

}  // namespace rondom::probabilistic
