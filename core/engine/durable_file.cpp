#include "engine/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/descriptor.h"

namespace rondom::engine {
namespace {

bool write_durably(const std::string& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write_all(file, bytes) && ::fsync(file) == 0;
  return ::close(file) == 0 && written;
}

bool sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced;
}

}  // namespace

bool replace_durably(const std::string& path, std::string_view bytes) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  const std::string fresh = path + ".new";
  return !failed && write_durably(fresh, bytes) && ::rename(fresh.c_str(), path.c_str()) == 0 &&
         sync_folder(folder);
}

}  // namespace rondom::engine
