// The same connectors, linked into the test program.
#include "web_connectors.hpp"

RONDOM_PLUGIN_TABLE(web_plugin_table, "web", "1.0.0", rondom::source<web::WebSource>(),
                    rondom::destination<web::WebDestination>())
