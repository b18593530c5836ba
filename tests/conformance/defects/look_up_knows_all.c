/* Defect: has found whatever it is asked for, and asks nobody. */
#define CAPABILITIES RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_LOOK_UP
#define OUTCOME_OF_LOOK_UP RONDOM_OUTCOME_ACCEPTED
#include "destination.h"
