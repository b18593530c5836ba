// What a source record still refuses that could not be mapped or cleaned as a whole. Private to the
// engine.
#pragma once

#include <span>
#include <vector>

#include "pipeline/map/map.h"
#include "pipeline/normalize/normalize.h"
#include "store/store.h"

namespace rondom::engine {

/// Cleans what Mapper::refusals() found, cell by cell: one that cannot be read makes the refusal
/// wider and never takes it away. A "yes" is left out. Appends one output for each party that
/// refuses anything; its texts live in `arena`. Pure but for the normalizer's caches; its thread.
void clean_refusals(std::span<const map::MappedRecord> found, const normalize::Context& context,
                    normalize::Normalizer& normalizer, Arena& arena,
                    std::vector<store::Output>& outputs);

}  // namespace rondom::engine
