/* Defect: says of what got no answer that the system refused it. */
#define OUTCOME_OF_FAILURE RONDOM_OUTCOME_REJECTED
#include "destination.h"
