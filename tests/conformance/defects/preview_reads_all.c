/* Defect: does not know records_max. */
#define MAX_REACHED(now) 0
#include "source.h"
