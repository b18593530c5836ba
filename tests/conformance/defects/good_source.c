/* No defect. */
#include "source.h"
