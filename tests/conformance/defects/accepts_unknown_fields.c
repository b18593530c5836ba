/* Defect: ignores fields of the configuration that it does not know. */
#define UNKNOWN_FIELD            \
  *instance = made_of_nothing(); \
  (*instance)->host = host;      \
  return RONDOM_OK
#include <rondom/plugin.h>
#include <stdlib.h>
static rondom_instance* made_of_nothing(void);
#include "source.h"

static rondom_instance* made_of_nothing(void) {
  return (rondom_instance*)calloc(1, sizeof(rondom_instance));
}
