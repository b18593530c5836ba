// activity_values: what activities are to expressions. Pure; any thread.
#pragma once

#include <cstddef>

#include "engine/activities.h"

namespace rondom::engine {

/// A list of activity_lists() as `.orders` and its like have it, in the order of the activities.
/// Lives in `arena` and as long as the activities; the lines of orders have a total.
Value list_value(const Activities& of, std::size_t list, Arena& arena);

}  // namespace rondom::engine
