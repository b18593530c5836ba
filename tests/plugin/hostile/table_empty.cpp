// A table of which not even the size is right.
#include "raw.h"

namespace {
const rondom_plugin plugin = [] {
  rondom_plugin table = raw::plugin(nullptr, 3);
  table.struct_size = 3;
  return table;
}();
}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
