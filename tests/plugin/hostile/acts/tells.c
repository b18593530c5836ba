/* Says what it was told in confidence: prints its configuration, and asks for a file of that name. */
#define ID "tells"
#include "act.h"
#include <fcntl.h>

static void act(rondom_read_out* out) {
  (void)out;
  printf("my secret is %s\n", target);
  fflush(stdout);
  if (open(target, O_RDONLY) >= 0) did("read");
}
