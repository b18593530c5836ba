/* Looks into the engine: attaches without stopping it, and lets go at once. */
#define ID "ptraces-parent"
#include "act.h"
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  char taken[8];
  const struct iovec into = {taken, sizeof taken};
  const struct iovec from = {(void*)(uintptr_t)&connector, sizeof taken};
  if (ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0) {
    did("attach");
    ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
  }
  if (process_vm_readv(getppid(), &into, 1, &from, 1, 0) > 0) did("read-memory");
}
