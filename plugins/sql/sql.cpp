// The sql plugin: one source.
#include "rondom/sdk.hpp"
#include "source.h"

RONDOM_PLUGIN("sql", "1.0.0", rondom::source<rondom::sql::SqlSource>())
