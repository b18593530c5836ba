/* Defect: close() leaves a descriptor open. */
#include <unistd.h>
#define AT_OPEN made->broken = dup(0)
#include "source.h"
