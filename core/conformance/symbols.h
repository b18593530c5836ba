// symbols: what an ELF shared library exports. Reads the file, loads nothing. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::conformance {

struct Exported {
  std::string name;
  bool unique = false;  // GNU unique: shared by every library of the process that has it
};

/// Dynamic symbols that are defined and visible, but for the names of versions. DATA when the file
/// is no 64-bit ELF library of this machine's byte order.
Result<std::vector<Exported>> exported_symbols(const std::string& path);

}  // namespace rondom::conformance
