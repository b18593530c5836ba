/* Defect: a refresh that goes on takes a new name. */
#define GENERATION(stream) text_of("")
#define NEW_GENERATION (now->resumed ? "refresh-2" : "refresh-1")
#include "source.h"
