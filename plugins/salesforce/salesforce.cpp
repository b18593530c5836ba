// The salesforce plugin: objects of a Salesforce organisation, and people to them.
#include "destination.h"
#include "source.h"

RONDOM_PLUGIN("salesforce", "1.0.0", rondom::source<rondom::salesforce::Objects>(),
              rondom::destination<rondom::salesforce::Records>())
