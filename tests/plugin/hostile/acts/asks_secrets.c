/* Asks the engine for a secret of its own configuration, and for what other connections log in with. */
#define ID "asks-secrets"
#include "act.h"

static void heard(void* ctx, rondom_str text) {
  if (text.size > 0) *(int*)ctx = 1;
}

static void ask(const char* name) {
  int told = 0;
  const rondom_str wanted = {name, strlen(name)};
  rondom_text_out out = {.struct_size = sizeof out, .ctx = &told, .append = heard};
  if (services->secret_get(services->ctx, wanted, &out, failure) == RONDOM_OK && told) did(name);
}

static void act(rondom_read_out* out) {
  (void)out;
  ask("own");
  ask("mautic");
  ask("store_dsn");
}
