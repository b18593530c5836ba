// whole_file: the bytes of a small file.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace rondom {

/// Everything in a file, read to its end: some files grow and some have no size. The caller names
/// what the file is; the message names the path. ErrorCode::unavailable when it is not there or
/// cannot be read, ErrorCode::data when it holds more than that many bytes, of which no more are
/// kept in memory. Any thread; nothing else may be expected of a file that is written meanwhile.
Result<std::string> whole_file(const std::string& path, std::size_t bytes_max);

}  // namespace rondom
