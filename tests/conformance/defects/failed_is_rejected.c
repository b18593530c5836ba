/* Defect: takes a failure of the system for its refusal. */
#define OUTCOME_OF_STATUS(status) \
  ((status) < 300 ? RONDOM_OUTCOME_ACCEPTED : RONDOM_OUTCOME_REJECTED)
#include "destination.h"
