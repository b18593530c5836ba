// The adobe-audience-manager plugin: one source and one destination, both of files in a folder.
#include "destination.h"
#include "rondom/sdk.hpp"
#include "source.h"

RONDOM_PLUGIN("adobe-audience-manager", "1.0.0",
              rondom::source<rondom::audience_manager::Outbound>(),
              rondom::destination<rondom::audience_manager::Inbound>())
