// The matomo plugin: visits with what was done in them.
#include "visits.h"

RONDOM_PLUGIN("matomo", "1.0.0", rondom::source<rondom::matomo::Visits>())
