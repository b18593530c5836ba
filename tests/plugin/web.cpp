#include "web_connectors.hpp"

RONDOM_PLUGIN("web", "1.0.0", rondom::source<web::WebSource>(),
              rondom::destination<web::WebDestination>())
