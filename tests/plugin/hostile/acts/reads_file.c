/* Reads a file that nobody granted: while it is loaded, and when it reads. Without FILES it asks for no
 * files at all; with it, for those of its target's folder, and takes another one. */
#ifndef ID
#define ID "reads-file"
#endif
#include "act.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static int early;

/* A folder that is everybody's to look at on any system, and no library's business. */
__attribute__((constructor)) static void when_loaded(void) {
  early = open("/root", O_RDONLY | O_DIRECTORY) >= 0 || open("/tmp", O_RDONLY | O_DIRECTORY) >= 0;
}

static void act(rondom_read_out* out) {
  (void)out;
  if (early) did("read-while-loaded");
  const int file = open(target, O_RDONLY);
  if (file < 0) return;
  did("read");
  close(file);
}
