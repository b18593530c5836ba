/* Defect: open() asks its system. */
#define AT_OPEN ask_early(made, error)
#include <rondom/plugin.h>
static void ask_early(rondom_instance* self, rondom_error* error);
#include "source.h"

static void ask_early(rondom_instance* self, rondom_error* error) {
  answer got;
  ask(self, "GET", "/me", NULL, text_of(""), &got, error);
  free(got.data);
}
