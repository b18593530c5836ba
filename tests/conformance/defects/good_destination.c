/* No defect. */
#include "destination.h"
