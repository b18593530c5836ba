/* Changes what is known of a file beside its bytes, which is no opening of it: its mode, owner, times and
 * attributes, by name and by descriptor. While it is loaded, of its own library; when it reads, of its
 * target. What it sets is what is there. */
#ifndef ID
#define ID "changes-modes"
#endif
#include "act.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int early;

__attribute__((constructor)) static void when_loaded(void) {
  Dl_info own;
  if (dladdr((const void*)(uintptr_t)&when_loaded, &own) == 0) return;
  early = chmod(own.dli_fname, 0644) == 0 || chown(own.dli_fname, (uid_t)-1, (gid_t)-1) == 0;
}

static void act(rondom_read_out* out) {
  (void)out;
  if (early) did("change-while-loaded");
  if (chmod(target, 0600) == 0) did("chmod");
  if (chown(target, (uid_t)-1, (gid_t)-1) == 0) did("chown");
  if (utimensat(AT_FDCWD, target, NULL, 0) == 0) did("utimensat");
  if (setxattr(target, "user.rondom", "1", 1, 0) == 0) did("setxattr");
  if (truncate(target, 1) == 0) did("truncate");
  /* setxattrat, which no kernel needs to have and no header to know: refused all the same. */
  if (syscall(463, AT_FDCWD, target, 0, "user.rondom", NULL, 0L) == 0 || errno != EPERM) {
    did("setxattrat");
  }
  const int file = open(target, O_RDONLY);
  if (file < 0) return;
  int flags = 0;
  if (fchmod(file, 0600) == 0) did("fchmod");
  if (fchown(file, (uid_t)-1, (gid_t)-1) == 0) did("fchown");
  if (fsetxattr(file, "user.rondom", "1", 1, 0) == 0) did("fsetxattr");
  if (futimens(file, NULL) == 0) did("futimens");
  if (ioctl(file, FS_IOC_GETFLAGS, &flags) == 0 && ioctl(file, FS_IOC_SETFLAGS, &flags) == 0) {
    did("flags");
  }
  close(file);
}
