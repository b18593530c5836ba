// A source that cannot read.
#include "raw.h"

namespace {
const rondom_connector source = raw::connector(RONDOM_KIND_SOURCE, "dumb");
const rondom_connector* const connectors[] = {&source};
const rondom_plugin plugin = raw::plugin(connectors, 1);
}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
