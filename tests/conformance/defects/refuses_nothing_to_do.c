/* Defect: fails on a batch without records. */
#define BEGIN_WRITE(self, batch, error) \
  if ((batch)->count == 0) return fail(error, RONDOM_E_DATA, "There is nothing to write.")
#include "destination.h"
