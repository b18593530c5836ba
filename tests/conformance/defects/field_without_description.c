/* Defect: a field of the configuration is not described. */
#define SPEC_LIST "{\"type\":\"string\"}"
#include "source.h"
