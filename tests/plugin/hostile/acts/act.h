/* A source in plain C that does one forbidden thing in read() and then says, as its failure, what
 * of it it managed to do: "did:" alone when it was contained. Each file of this folder defines ID,
 * includes this header and defines act(). Whatever it does stops by itself after a small bound. */
#define _GNU_SOURCE
#include <rondom/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CAPABILITIES
#define CAPABILITIES 0
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef TITLE
#define TITLE "Does one forbidden thing"
#endif

static char target[512]; /* of the configuration: a path or a number */
static char done_text[256] = "did:";
static const rondom_host* services;
static rondom_error* failure; /* of the call under way */

static inline void did(const char* what) {
  strncat(done_text, " ", sizeof done_text - strlen(done_text) - 1);
  strncat(done_text, what, sizeof done_text - strlen(done_text) - 1);
}

static void act(rondom_read_out* out);

static rondom_code open_it(const rondom_host* host, rondom_str config, rondom_instance** instance,
                           rondom_error* error) {
  static const char key[] = "\"target\":\"";
  (void)error;
  services = host;
  const char* from = memmem(config.data, config.size, key, sizeof key - 1);
  if (from != NULL) {
    from += sizeof key - 1;
    const char* end = memchr(from, '"', config.size - (uint64_t)(from - config.data));
    if (end != NULL && (size_t)(end - from) < sizeof target)
      memcpy(target, from, (size_t)(end - from));
  }
  *instance = (rondom_instance*)target;
  return RONDOM_OK;
}

static void close_it(rondom_instance* instance) {
  (void)instance;
}

static rondom_code read_it(rondom_instance* instance, const rondom_read_request* request,
                           rondom_read_out* out, rondom_error* error) {
  (void)instance, (void)request;
  failure = error;
  act(out);
  const rondom_str said = {done_text, strlen(done_text)}, nothing = {NULL, 0};
  error->set(error->ctx, RONDOM_E_DATA, 0, said, nothing);
  return RONDOM_E_DATA;
}

static const rondom_connector connector = {
    .struct_size = sizeof connector,
    .kind = RONDOM_KIND_SOURCE,
    .id = ID,
    .version = VERSION,
    .title = TITLE,
    .spec_json = "{\"type\":\"object\",\"properties\":{\"target\":{\"type\":\"string\"}}}",
    .capabilities = CAPABILITIES,
    .open = open_it,
    .close = close_it,
    .read = read_it,
};
static const rondom_connector* const connectors[] = {&connector};
static const rondom_plugin table = {
    .struct_size = sizeof table,
    .abi_minor = RONDOM_ABI_MINOR,
    .connector_count = 1,
    .name = ID,
    .version = VERSION,
    .sdk_version = "1.0.0",
    .connectors = connectors,
};
const rondom_plugin* rondom_plugin_v1(void) {
  return &table;
}
