/* Defect: no checkpoint covers the last page. */
#define LAST_CHECKPOINT(out) RONDOM_OK
#include "source.h"
