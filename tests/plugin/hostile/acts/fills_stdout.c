/* Writes to its output what nobody asked for; 4 MiB at most. */
#define ID "fills-stdout"
#include "act.h"

static void act(rondom_read_out* out) {
  (void)out;
  for (int i = 0; i < 40000; ++i) {
    printf("%0100d\n", i);
  }
  fflush(stdout);
}
