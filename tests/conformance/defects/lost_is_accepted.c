/* Defect: calls accepted what got no answer. */
#define OUTCOME_OF_FAILURE RONDOM_OUTCOME_ACCEPTED
#include "destination.h"
