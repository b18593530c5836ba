// CSV in any encoding: options and bytes as plugins/file/fuzz.h describes.
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rondom::file::fuzz_csv(data, size);
}
