/* Changes files before anybody has called it: a folder of everybody's is enough for that. What it makes it
 * removes. */
#define ID "writes-when-loaded"
#include "act.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int early;

__attribute__((constructor)) static void when_loaded(void) {
  char name[64];
  snprintf(name, sizeof name, "/tmp/rondom-writes-when-loaded-%d", (int)getpid());
  if (mkdir(name, 0700) == 0 && rmdir(name) == 0) early |= 1;
  const int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file >= 0 && unlink(name) == 0) early |= 2;
}

static void act(rondom_read_out* out) {
  (void)out;
  if (early & 1) did("folder");
  if (early & 2) did("file");
}
