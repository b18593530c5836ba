/* Defect: its message holds what the system said, a person included. */
#define SAY_REFUSAL first_part(got)
#include <rondom/plugin.h>
struct answer;
static const char* first_part(const struct answer* got);
#include "source.h"

static const char* first_part(const struct answer* got) {
  static char text[200];
  snprintf(text, sizeof text, "%.*s", (int)(got->size > 150 ? 150 : got->size), got->data);
  return text;
}
