// The hubspot plugin: records and subscriptions out of HubSpot, people to it.
#include "destination.h"
#include "source.h"

RONDOM_PLUGIN("hubspot", "1.0.0", rondom::source<rondom::hubspot::Records>(),
              rondom::destination<rondom::hubspot::Contacts>())
