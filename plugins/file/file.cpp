// The file plugin: one source and one destination.
#include "destination.h"
#include "rondom/sdk.hpp"
#include "source.h"

RONDOM_PLUGIN("file", "1.0.0", rondom::source<rondom::file::FileSource>(),
              rondom::destination<rondom::file::FileDestination>())
