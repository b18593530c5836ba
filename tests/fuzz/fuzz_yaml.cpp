// A project file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rondom::config::Diagnostics diagnostics;
  (void)rondom::config::parse_yaml(std::string_view(reinterpret_cast<const char*>(data), size),
                                   "jobs/fuzz.yaml", diagnostics);
  return 0;
}
