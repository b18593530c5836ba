/* Starts other processes: two at most, each gone at once. */
#define ID "forks"
#include "act.h"
#include <sys/wait.h>
#include <unistd.h>

static void act(rondom_read_out* out) {
  (void)out;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) did("fork");
  const pid_t other = vfork();
  if (other == 0) _exit(0);
  if (other > 0) did("vfork");
  while (wait(NULL) > 0) {
  }
}
