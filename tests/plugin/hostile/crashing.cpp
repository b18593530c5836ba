// Dies, leaves, hangs and chatters in read().
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "raw.h"

namespace {

rondom_code read(rondom_instance*, const rondom_read_request*, rondom_read_out* out,
                 rondom_error*) {
  if (raw::is("print")) {
    std::printf("hello from the plugin\n");
    std::fflush(stdout);
    std::fprintf(stderr, "and from its error stream\n");
  }
  if (raw::is("segfault")) {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
  if (raw::is("abort")) std::abort();
  if (raw::is("exit")) std::exit(0);
  if (raw::is("throw")) throw 42;
  if (raw::is("hang")) {
    while (true) ::pause();
  }
  if (raw::is("deaf")) {
    while (true) out->checkpoint(out->ctx, raw::text("s"), raw::text("{}"));
  }
  if (raw::is("close the socket")) ::close(3);
  if (raw::is("garbage")) {
    const char bytes[] = "this is no frame at all, not even nearly";
    if (::write(3, bytes, sizeof bytes) < 0) return RONDOM_E_INTERNAL;
    while (true) ::pause();
  }
  if (raw::is("huge frame")) {
    const unsigned char bytes[] = {0xff, 0xff, 0xff, 0xff, 65};
    if (::write(3, bytes, sizeof bytes) < 0) return RONDOM_E_INTERNAL;
    while (true) ::pause();
  }
  return RONDOM_OK;
}

const rondom_connector source = [] {
  rondom_connector table = raw::connector(RONDOM_KIND_SOURCE, "crashing");
  table.read = &read;
  return table;
}();
const rondom_connector* const connectors[] = {&source};
const rondom_plugin plugin = raw::plugin(connectors, 1);

}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
