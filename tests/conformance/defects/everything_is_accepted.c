/* Defect: calls accepted what the system refused. */
#define OUTCOME_OF_STATUS(status) ((status) > 0 ? RONDOM_OUTCOME_ACCEPTED : RONDOM_OUTCOME_RETRY)
#include "destination.h"
