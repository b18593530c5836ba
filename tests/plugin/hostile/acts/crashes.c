/* Crashes two calls deep, for the trace. */
#define ID "crashes"
#include "act.h"

__attribute__((noinline)) static void inner(volatile int* nowhere) {
  *nowhere = 1;
}

static void act(rondom_read_out* out) {
  (void)out;
  inner((volatile int*)(uintptr_t)atoi(target));
  did("survive");
}
