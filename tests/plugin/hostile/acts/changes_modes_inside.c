/* Has files granted, and changes their modes and owners. */
#define ID "changes-modes-inside"
#define CAPABILITIES RONDOM_CAP_FILESYSTEM
#include "changes_modes.c"
