// Acts while it is loaded, before anybody has called it.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "raw.h"

namespace {

[[gnu::constructor]] void act() {
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) std::puts("escaped: socket");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) std::puts("escaped: process");
  std::fflush(stdout);
}

rondom_code read(rondom_instance*, const rondom_read_request*, rondom_read_out*, rondom_error*) {
  return RONDOM_OK;
}

const rondom_connector source = [] {
  rondom_connector table = raw::connector(RONDOM_KIND_SOURCE, "loading");
  table.read = &read;
  return table;
}();
const rondom_connector* const connectors[] = {&source};
const rondom_plugin plugin = raw::plugin(connectors, 1);

}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
