/* Defect: reads a file without RONDOM_CAP_FILESYSTEM. */
#include <fcntl.h>
#include <unistd.h>
#define BEGIN_READ(self, request, out, error)                                                 \
  do {                                                                                        \
    const int file = open("/etc/passwd", O_RDONLY);                                           \
    if (file < 0) return fail(error, RONDOM_E_NOT_PERMITTED, "A file cannot be read.");       \
    close(file);                                                                              \
  } while (0)
#include "source.h"
