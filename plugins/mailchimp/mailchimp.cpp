// The mailchimp plugin: members of an audience, and people into it.
#include "destination.h"
#include "members.h"

RONDOM_PLUGIN("mailchimp", "1.0.0", rondom::source<rondom::mailchimp::Members>(),
              rondom::destination<rondom::mailchimp::Audience>())
