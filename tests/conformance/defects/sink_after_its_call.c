/* Defect: a thread goes on using the sink after read() has returned. */
#include <pthread.h>
#include <rondom/plugin.h>
#define BEGIN_READ(self, request, out, error) begin(self, out)
#define AT_CLOSE finish(instance)
static void begin(rondom_instance* self, rondom_read_out* out);
static void finish(rondom_instance* self);
#include "source.h"

static rondom_read_out* kept;

static void begin(rondom_instance* self, rondom_read_out* out) {
  self->broken = 1;
  kept = out;
}

static void* late(void* unused) {
  (void)unused;
  kept->checkpoint(kept->ctx, text_of("people"), text_of("{\"page\":\"1\"}"));
  return NULL;
}

static void finish(rondom_instance* self) {
  pthread_t thread;
  if (self->broken && pthread_create(&thread, NULL, late, NULL) == 0) pthread_join(thread, NULL);
}
