// EngineLock: at most one engine writes a SQLite project, held by an operating-system file lock.
//
// The lock file stands beside the database, holds the owner's text while it is locked, and is left
// behind empty. It goes with the process, however that ends. Private.
#pragma once

#include <memory>
#include <string>

#include "base/base.h"

namespace rondom::store {

class EngineLock {
 public:
  /// busy names the owner; unavailable when the file cannot be made.
  static Result<std::unique_ptr<EngineLock>> take(const std::string& database_file,
                                                  const std::string& owner);
  ~EngineLock();
  EngineLock(const EngineLock&) = delete;
  EngineLock& operator=(const EngineLock&) = delete;

 private:
  explicit EngineLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace rondom::store
