// The same connectors, linked into the test program.
#include "echo_connectors.hpp"

RONDOM_PLUGIN_TABLE(echo_plugin_table, "echo", "1.2.3", rondom::source<echo::EchoSource>(),
                    rondom::destination<echo::EchoDestination>())
