/* Defect: calls an optional service of the host without looking whether it is there. */
#define BEGIN_READ(self, request, out, error) \
  self->host->log(self->host->ctx, RONDOM_LOG_DEBUG, text_of("reading"), NULL, 0)
#include "source.h"
