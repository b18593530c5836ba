/* Defect: its results count records from one. */
#define RESULT_INDEX(i) ((i) + 1)
#include "destination.h"
