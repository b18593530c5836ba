/* Defect: cannot say of anything whether it arrived, and declares that it can. */
#define CAPABILITIES RONDOM_CAP_LOOK_UP
#define OUTCOME_OF_LOOK_UP RONDOM_OUTCOME_UNKNOWN
#include "destination.h"
