/* Takes memory and never gives it back; half a gibibyte at most. */
#define ID "allocates"
#include "act.h"

static void act(rondom_read_out* out) {
  (void)out;
  const size_t piece = 4u << 20;
  for (int i = 0; i < 128; ++i) {
    volatile char* more = malloc(piece);
    /* As people do: nobody looks whether there was any. */
    for (size_t at = 0; at < piece; at += 4096) more[at] = 1;
  }
  did("half-a-gibibyte");
}
