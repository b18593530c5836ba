/* Speaks as the engine does, on the host's own line: one frame that only the engine may send. */
#define ID "forges-frames"
#include "act.h"
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  static const char credit[] = {8, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 0}; /* u32 length, type, u64 bytes */
  if (write(3, credit, sizeof credit) == (ssize_t)sizeof credit) did("forge");
  usleep(200 * 1000); /* for its end */
}
