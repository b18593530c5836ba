// recover: deliveries that the store no longer knows, because it lost the commits that did.
#pragma once

#include "pipeline/activate/definition.h"

namespace rondom::activate {

/// Their fate becomes unknown again, for whoever settles what is unknown: looked up, sent again or
/// parked, as the destination can. Somebody whom no source has any more is taken out like everybody
/// who is gone.
Status recover_lost(const Definition& definition, store::Store& store, Counts& counts);

}  // namespace rondom::activate
