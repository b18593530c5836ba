/* Starts a program as libraries do, with every signal blocked: nothing is left to tell of it but the
 * kernel. */
#define ID "spawns"
#include "act.h"
#include <spawn.h>
#include <sys/wait.h>

static void act(rondom_read_out* out) {
  (void)out;
  pid_t spawned = 0;
  char* const arguments[] = {(char*)"true", NULL};
  if (posix_spawn(&spawned, "/bin/true", NULL, NULL, arguments, NULL) == 0) did("spawn");
  wait(NULL);
}
