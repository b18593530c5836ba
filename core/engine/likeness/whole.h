// whole: compares every live record with all that it shares a block with, and leaves the index
// behind that later changes start from. Private to the engine.
#pragma once

#include "engine/likeness/state.h"

namespace rondom::engine {

/// Replaces pairs and index. `models` count on their own records, or on those that there are (in
/// steps).
Result<LikenessState> compare_everybody(const UnifyJob& job, store::Store& store,
                                        const LikenessModels& models, const Decisions& decisions);

}  // namespace rondom::engine
