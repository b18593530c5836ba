#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "bounds.h"
#include "files.h"

namespace rondom::audience_manager {
namespace {

Status sync_folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_failure("The folder " + folder, "opened", errno);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return file_failure("The folder " + folder, "made durable", error);
  return {};
}

/// Renames without replacing; 0 or errno.
int rename_to_free(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without that service: nobody but us writes these names.
  struct stat status {};
  if (::lstat(to.c_str(), &status) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<std::unique_ptr<Part>> Part::create(std::string path, bool packed) {
  // Removed first: a link that somebody put there is not followed and not written through.
  ::unlink(path.c_str());
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (descriptor < 0) return file_failure(path, "created", errno);
  std::unique_ptr<Part> part(new Part(descriptor, std::move(path), packed));
  if (part->stream_ == nullptr) return Failure{Code::internal, "zlib cannot be started."};
  return part;
}

Part::Part(int descriptor, std::string path, bool packed)
    : descriptor_(descriptor), path_(std::move(path)), packed_(packed) {
  const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return;
  stream_ = ::gzdopen(own, packed ? "wb6" : "wbT");
  if (stream_ == nullptr) {
    ::close(own);
  } else {
    ::gzbuffer(stream_, block_bytes);
  }
}

Part::~Part() {
  if (stream_ != nullptr) ::gzclose(stream_);
  ::close(descriptor_);
  if (named_) ::unlink(path_.c_str());
}

Status Part::failed(const char* what) const {
  const int error = errno;
  int code = Z_ERRNO;
  if (stream_ != nullptr) ::gzerror(stream_, &code);
  if (code == Z_ERRNO) return file_failure(path_, what, error);
  return {Code::internal, "zlib cannot write the file."};
}

Status Part::write(std::string_view bytes) {
  if (::gzwrite(stream_, bytes.data(), static_cast<unsigned>(bytes.size())) !=
      static_cast<int>(bytes.size())) {
    return failed("written");
  }
  written_bytes_ += bytes.size();
  return {};
}

std::uint64_t Part::stored_bytes() const {
  return packed_ ? static_cast<std::uint64_t>(::gzoffset(stream_)) : written_bytes_;
}

Status Part::finish() {
  if (stream_ == nullptr) return {};
  const int closed = ::gzclose(std::exchange(stream_, nullptr));
  if (closed != Z_OK) return failed("written");
  if (::fsync(descriptor_) != 0) return file_failure(path_, "made durable", errno);
  return {};
}

Result<bool> Part::publish(const std::string& final_path) {
  const int error = rename_to_free(path_, final_path);
  if (error == EEXIST) return false;
  if (error != 0) return file_failure(final_path, "written", error);
  named_ = false;
  RONDOM_TRY(sync_folder_of(final_path));
  return true;
}

Status replace_small(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp";
  Result<std::unique_ptr<Part>> part = Part::create(temporary, false);
  if (!part.ok()) return part.error();
  RONDOM_TRY((*part)->write(text));
  RONDOM_TRY((*part)->finish());
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_failure(path, "written", errno);
  return sync_folder_of(path);
}

}  // namespace rondom::audience_manager
