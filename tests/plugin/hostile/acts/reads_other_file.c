/* Has files granted, and reads one that is not beneath its paths. */
#define ID "reads-other-file"
#define CAPABILITIES RONDOM_CAP_FILESYSTEM
#include "reads_file.c"
