// changed: compares the records that changed with those they share a block with, and groups anew
// what hangs together with them. Leaves what compare_everybody() would. Private to the engine.
#pragma once

#include "engine/likeness/state.h"

namespace rondom::engine {

/// Brings pairs, index and `state` up to date with the dirty records. Returns why that takes
/// comparing everybody: then nothing has changed, but `state`. Empty: it is done.
Result<std::string> compare_changed(const UnifyJob& job, store::Store& store,
                                    const LikenessModels& models, const Decisions& decisions,
                                    LikenessState& state);

}  // namespace rondom::engine
