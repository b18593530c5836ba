// scratch_file: what does not fit into memory for a while, in a file that has no name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rondom {

/// Nobody else can open it (mode 0600, no name), and it goes with this object, however the process
/// ends. append() by one thread; read() by any while nobody appends.
class ScratchFile {
 public:
  /// On the disk of that folder, which must exist. ErrorCode::unavailable when it takes no files.
  static Result<ScratchFile> make(const std::string& folder);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();

  /// Where it was put. ErrorCode::unavailable when the disk is full.
  Result<std::uint64_t> append(std::string_view bytes);
  /// Appends that many bytes from there to `out`. ErrorCode::unavailable when they cannot be read.
  Status read(std::uint64_t from, std::size_t bytes, std::string& out) const;

 private:
  explicit ScratchFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace rondom
