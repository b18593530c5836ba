// Entry points for fuzzers, in the form that LLVMFuzzerTestOneInput asks for. Always 0; a broken
// promise aborts. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rondom::file {

int fuzz_csv(const std::uint8_t* data, std::size_t size);
int fuzz_json_split(const std::uint8_t* data, std::size_t size);

}  // namespace rondom::file
