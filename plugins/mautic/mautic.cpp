// The mautic plugin: people to Mautic, and what they and mail servers said back.
#include "destination.h"
#include "feedback.h"

RONDOM_PLUGIN("mautic", "1.0.0", rondom::source<rondom::mautic::Feedback>(),
              rondom::destination<rondom::mautic::Contacts>())
