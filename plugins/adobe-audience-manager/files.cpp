#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "bounds.h"

namespace rondom::audience_manager {

Failure file_failure(const std::string& name, const char* what, int error) {
  if (error == ENOENT || error == ENOTDIR) return {Code::unavailable, name + " does not exist."};
  if (error == EACCES || error == EPERM) {
    return {Code::not_permitted, name + " cannot be " + what + ": permission denied."};
  }
  return {Code::unavailable, name + " cannot be " + what + ": " + strerror(error) + "."};
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  std::vector<std::string> names;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::string name = at->path().filename().string();
    std::error_code gone;  // by whoever carries the files away
    if (name.starts_with('.') || !at->is_regular_file(gone) || gone) continue;
    if (names.size() >= folder_entries_max) {
      return Failure{Code::config, "The folder " + folder + " holds over " +
                                       std::to_string(folder_entries_max) +
                                       " files; move away what is done with."};
    }
    names.push_back(std::move(name));
  }
  if (error) return file_failure("The folder " + folder, "listed", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> read_small(const std::string& path, std::size_t bytes_max) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return file_failure(path, "opened", errno);
  std::string text;
  char block[64 * 1024];
  ssize_t got = 0;
  while (text.size() <= bytes_max && (got = ::read(descriptor, block, sizeof block)) > 0) {
    text.append(block, static_cast<std::size_t>(got));
  }
  const int error = errno;
  ::close(descriptor);
  if (got < 0) return file_failure(path, "read", error);
  if (text.size() > bytes_max) return Failure{Code::data, path + " is too large."};
  return text;
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace rondom::audience_manager
