/* Defect: goes on pushing after the sink said stop. */
#define AFTER_PUSH(code) (void)(code)
#include "source.h"
