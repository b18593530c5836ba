/* Defect: makes a new idempotency key for each attempt. */
#define IDEMPOTENCY_KEY(self, key) momentary(self, key)
#include "common.h"

static const char* momentary(rondom_instance* self, char* key) {
  snprintf(key, 128, "%lld", (long long)self->host->now_us(self->host->ctx));
  return key;
}

#include "destination.h"
