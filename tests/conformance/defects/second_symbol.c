/* Defect: exports a second symbol. */
#include "source.h"

__attribute__((visibility("default"))) int people_version(void) { return 1; }
