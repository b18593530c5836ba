// The tealium plugin: events to the Customer Data Hub, visitors from it.
#include "collect.h"
#include "visitors.h"

RONDOM_PLUGIN("tealium", "1.0.0", rondom::source<rondom::tealium::Visitors>(),
              rondom::destination<rondom::tealium::Collect>())
