/* Defect: close() forgets what open() took. */
#define AT_OPEN memset(malloc(4096), 1, 4096)
#include "source.h"
