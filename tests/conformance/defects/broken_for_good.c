/* Defect: writes nothing any more after one failure. */
#define ON_FAILED_WRITE(self) (self)->broken = 1
#define BEGIN_WRITE(self, batch, error) \
  if ((self)->broken) return fail(error, RONDOM_E_TRANSIENT, "It failed before.")
#include "destination.h"
