/* Says what it was told in confidence: prints its configuration, line by line where it has several, and
 * asks for a file of that name. */
#define ID "tells"
#include "act.h"
#include <fcntl.h>

static void act(rondom_read_out* out) {
  (void)out;
  for (char* at = strstr(target, "\\n"); at != NULL; at = strstr(at, "\\n")) {
    *at = '\n';
    memmove(at + 1, at + 2, strlen(at + 2) + 1);
  }
  printf("my secret is %s\n", target);
  fflush(stdout);
  if (open(target, O_RDONLY) >= 0) did("read");
}
