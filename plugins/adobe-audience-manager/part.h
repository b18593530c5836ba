// Part: one inbound file under way, hidden under a temporary name until it is whole.
//
// Packed and plain files are both written through zlib's gz functions, which pass bytes on as they
// are in their transparent mode. Removed when it goes without publish(). One thread.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rondom/result.hpp"

namespace rondom::audience_manager {

class Part {
 public:
  /// Creates `path` anew; what an earlier process left there is gone.
  static Result<std::unique_ptr<Part>> create(std::string path, bool packed);
  ~Part();
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  Status write(std::string_view bytes);
  /// Bytes that the file has or, when it is packed, will have but for what zlib still holds back.
  std::uint64_t stored_bytes() const;
  /// Everything is on the disk, under the temporary name.
  Status finish();
  /// After finish(): gives the file its name, atomically and durably. False when that name is
  /// taken; then it can be tried with another.
  Result<bool> publish(const std::string& final_path);

 private:
  Part(int descriptor, std::string path, bool packed);
  Status failed(const char* what) const;

  int descriptor_;
  std::string path_;
  bool packed_;
  bool named_ = true;
  std::uint64_t written_bytes_ = 0;
  gzFile stream_ = nullptr;
};

/// Writes a small file atomically and durably.
Status replace_small(const std::string& path, std::string_view text);

}  // namespace rondom::audience_manager
