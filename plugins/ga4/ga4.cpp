// The ga4 plugin: reports of Google Analytics 4.
#include "reports.h"

RONDOM_PLUGIN("ga4", "1.0.0", rondom::source<rondom::ga4::Reports>())
