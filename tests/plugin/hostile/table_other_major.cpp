extern "C" __attribute__((visibility("default"))) const void* rondom_plugin_v2(void) {
  return nullptr;
}
