// Needs services that this host does not have.
#include "raw.h"

namespace {
const rondom_connector source = raw::connector(RONDOM_KIND_SOURCE, "new");
const rondom_connector* const connectors[] = {&source};
const rondom_plugin plugin = [] {
  rondom_plugin table = raw::plugin(connectors, 1);
  table.min_host_minor = 9;
  return table;
}();
}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
