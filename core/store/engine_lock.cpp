#include "store/engine_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>

namespace rondom::store {
namespace {

constexpr std::size_t owner_bytes_max = 200;

std::string owner_in(int descriptor) {
  std::array<char, owner_bytes_max> bytes{};
  const ssize_t size = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  std::string owner(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return owner.empty() ? "another engine" : owner;
}

}  // namespace

Result<std::unique_ptr<EngineLock>> EngineLock::take(const std::string& database_file,
                                                     const std::string& owner) {
  const std::string file = database_file + ".lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{ErrorCode::unavailable, "the lock file " + file + " cannot be opened"};
  }
  std::unique_ptr<EngineLock> lock(new EngineLock(descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::busy, "the project is in use by " + owner_in(descriptor)};
  }
  const std::string text = owner.substr(0, owner_bytes_max);
  const bool written =
      ::ftruncate(descriptor, 0) == 0 &&
      ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!written)
    return Error{ErrorCode::unavailable, "the lock file " + file + " cannot be written"};
  return lock;
}

EngineLock::~EngineLock() {
  // An empty file after an orderly end; a failure here changes nothing.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) (void)!::ftruncate(descriptor_, 0);
  ::close(descriptor_);
}

}  // namespace rondom::store
