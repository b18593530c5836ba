// The klaviyo plugin: people to profiles and lists, and their no back.
#include "destination.h"
#include "profiles.h"

RONDOM_PLUGIN("klaviyo", "1.0.0", rondom::source<rondom::klaviyo::Profiles>(),
              rondom::destination<rondom::klaviyo::Lists>())
