/* Defect: the entry gives another table at each call. */
#define ENTRY_RESULT another()
#include <rondom/plugin.h>
static const rondom_plugin* another(void);
#include "source.h"

static const rondom_plugin* another(void) {
  static rondom_plugin copies[64];
  static int next = 0;
  copies[next] = plugin;
  return &copies[next++];
}
