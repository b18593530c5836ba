/* Never ends being loaded. */
#define ID "hangs-when-loaded"
#include "act.h"
#include <unistd.h>

__attribute__((constructor)) static void when_loaded(void) {
  for (;;) pause();
}

static void act(rondom_read_out* out) {
  (void)out;
}
