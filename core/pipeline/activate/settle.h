// What an earlier run left in flight: acknowledged where its session was flushed, looked up where
// the destination can tell, else unknown.
#pragma once

#include "pipeline/activate/definition.h"

namespace rondom::activate {

/// After it no row is in flight. Rows found applied are counted as such.
Status settle_unfinished(const Definition& definition, store::Store& store,
                         plugin::Destination& destination, const Cancel& cancel, Counts& counts);

/// Rows whose fate is unknown now.
Result<std::int64_t> count_unknown(const Definition& definition, store::Store& store);

}  // namespace rondom::activate
