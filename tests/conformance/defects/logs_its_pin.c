/* Defect: writes a secret of its configuration into the log. */
#define BEGIN_READ(self, request, out, error) say(self)
#include "common.h"

static void say(rondom_instance* self) {
  if (HOST_HAS(self->host, log)) {
    self->host->log(self->host->ctx, RONDOM_LOG_DEBUG, text_of(self->pin), NULL, 0);
  }
}

#include "source.h"
