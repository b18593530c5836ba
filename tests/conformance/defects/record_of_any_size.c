/* Defect: pushes records of any size. */
#define REPLIES_OF_ANY_SIZE
#define OVERSIZED(text) 0
#include "source.h"
