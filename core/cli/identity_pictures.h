// identity_pictures: why two records are one, and why all records of a profile are, as SVG.
#pragma once

#include <string>

#include "engine/explanation.h"

namespace rondom::cli {

/// A waterfall: from what two records at random have to the sum, field by field, with both
/// thresholds.
std::string pair_picture(const engine::Comparison& comparison, const std::string& one,
                         const std::string& other);

/// The records of a profile as a tree of what joined them, and below it what was kept apart and
/// why.
std::string profile_picture(const engine::Explanation& explanation);

}  // namespace rondom::cli
