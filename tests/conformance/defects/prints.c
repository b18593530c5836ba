/* Defect: prints on standard output. */
#define BEGIN_READ(self, request, out, error) puts("reading people")
#include "source.h"
