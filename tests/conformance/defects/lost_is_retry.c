/* Defect: says of what got no answer that it certainly did not arrive, and is not idempotent. */
#define CAPABILITIES 0
#define OUTCOME_OF_FAILURE RONDOM_OUTCOME_RETRY
#include "destination.h"
