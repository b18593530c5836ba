/* Takes memory of kinds that a limit of data does not count: shared, and as a stack that may grow. */
#define ID "shares-memory"
#include "act.h"
#include <sys/mman.h>

static void act(rondom_read_out* out) {
  (void)out;
  const size_t size = 4u << 20;
  const int kinds[] = {MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN};
  for (int i = 0; i < 2; ++i) {
    void* taken = mmap(NULL, size, PROT_READ | PROT_WRITE, kinds[i], -1, 0);
    if (taken != MAP_FAILED) did(i == 0 ? "shared" : "growing");
  }
}
