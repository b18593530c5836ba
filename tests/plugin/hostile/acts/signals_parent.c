/* Signals the engine, directly and by a pipe whose owner it makes it; the latter also with a bit set in
 * the half of an argument that the kernel does not read. The signal is one that does nothing. */
#define ID "signals-parent"
#include "act.h"
#include <fcntl.h>
#include <asm/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  int ends[2];
  if (kill(getppid(), SIGCONT) == 0) did("kill");
  if (pipe(ends) == 0) {
    if (fcntl(ends[0], F_SETSIG, SIGCONT) == 0 && fcntl(ends[0], F_SETOWN, getppid()) == 0) {
      did("own-a-pipe");
    }
    const long high = 1l << 32;
    if (syscall(SYS_fcntl, ends[0], F_SETSIG | high, (long)SIGCONT) == 0) did("choose-a-signal");
    if (syscall(SYS_fcntl, ends[0], F_SETOWN | high, (long)getppid()) == 0) did("own-it-unseen");
    close(ends[0]);
    close(ends[1]);
  }
  const int owner = getppid();
  if (syscall(SYS_ioctl, 3, FIOSETOWN | (1l << 32), &owner) == 0) did("own-the-line");
  struct rlimit limit;
  if (prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit) == 0 &&
      prlimit(getppid(), RLIMIT_NOFILE, &limit, NULL) == 0) {
    did("limit");
  }
}
