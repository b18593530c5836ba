/* Logs without end, as a plugin should log; 50,000 lines at most. */
#define ID "fills-the-log"
#include "act.h"

static void act(rondom_read_out* out) {
  (void)out;
  static const char text[] = "the same again and again";
  const rondom_str line = {text, sizeof text - 1};
  for (int i = 0; i < 50000; ++i) services->log(services->ctx, RONDOM_LOG_WARNING, line, NULL, 0);
}
