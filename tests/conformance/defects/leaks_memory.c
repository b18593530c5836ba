/* Defect: close() forgets what open() took. */
#include <stdlib.h>
#include <string.h>

static void* volatile taken; /* or the compiler would leave out what nobody reads */

#define AT_OPEN taken = memset(malloc(4096), 1, 4096)
#include "source.h"
