/* Signals the engine, directly and by a pipe whose owner it makes it. The signal is one that does
 * nothing. */
#define ID "signals-parent"
#include "act.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  int ends[2];
  if (kill(getppid(), SIGCONT) == 0) did("kill");
  if (pipe(ends) == 0) {
    if (fcntl(ends[0], F_SETSIG, SIGCONT) == 0 && fcntl(ends[0], F_SETOWN, getppid()) == 0) {
      did("own-a-pipe");
    }
    close(ends[0]);
    close(ends[1]);
  }
  struct rlimit limit;
  if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit) == 0 &&
      prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL) == 0) {
    did("limit");
  }
}
