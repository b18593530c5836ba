#include "base/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/descriptor.h"

namespace rondom {

namespace {

Error failed(const std::string& what) {
  return {ErrorCode::unavailable, what + ": " + std::strerror(errno)};
}

/// For file systems that make no files without a name.
int named_and_removed(const std::string& folder) {
  std::string name = folder + "/.scratch-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Result<ScratchFile> ScratchFile::make(const std::string& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
    descriptor = named_and_removed(folder);
  }
  if (descriptor < 0) return failed("cannot make a scratch file in " + folder);
  return ScratchFile(descriptor);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}
ScratchFile::~ScratchFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::uint64_t> ScratchFile::append(std::string_view bytes) {
  if (!write_all(descriptor_, bytes)) return failed("cannot write to a scratch file");
  return std::exchange(size_, size_ + bytes.size());
}

Status ScratchFile::read(std::uint64_t from, std::size_t bytes, std::string& out) const {
  const std::size_t before = out.size();
  out.resize(before + bytes);
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t count = ::pread(descriptor_, out.data() + before + done, bytes - done,
                                  static_cast<off_t>(from + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read a scratch file");
    if (count == 0) return {ErrorCode::unavailable, "a scratch file ends early"};
    done += static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace rondom
