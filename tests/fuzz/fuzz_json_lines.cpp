// JSON lines and JSON arrays, split into records.
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return rondom::file::fuzz_json_split(data, size);
}
