#include "echo_connectors.hpp"

RONDOM_PLUGIN("echo", "1.2.3", rondom::source<echo::EchoSource>(),
              rondom::destination<echo::EchoDestination>())
