#include "file_list.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bounds.h"

namespace rondom::file {

namespace {

std::string join(const std::string& base, const std::string& path) {
  if (path.starts_with('/') || base.empty() || base == ".") return path;
  return base.ends_with('/') ? base + path : base + "/" + path;
}

FoundFile facts_of(const struct stat& status) {
  FoundFile file;
  file.device = status.st_dev;
  file.inode = status.st_ino;
  file.size = static_cast<std::uint64_t>(status.st_size);
  file.modified_ns =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  return file;
}

Failure not_regular(const std::string& name, mode_t mode) {
  return {Code::config, name + (S_ISDIR(mode) ? " is a folder, not a file; read what is in it with "
                                                "a pattern such as " +
                                                    name + "/*.csv."
                                              : " is not a regular file; use path: \"-\" to read "
                                                "a pipe from standard input.")};
}

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

Result<std::vector<std::string>> expand(const std::string& pattern, const std::string& shown) {
  glob_t found{};
  errno = 0;
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &found);
  const int error = errno;
  const std::unique_ptr<glob_t, void (*)(glob_t*)> guard(&found, &::globfree);
  std::vector<std::string> paths;
  if (result == GLOB_NOMATCH) return paths;
  if (result == GLOB_NOSPACE) return Failure{Code::internal, "Out of memory while listing files."};
  if (result != 0) return file_failure("A folder of " + shown, "listed", error);
  if (found.gl_pathc > files_max) {
    return Failure{Code::config, shown + " matches " + std::to_string(found.gl_pathc) +
                                     " files; at most " + std::to_string(files_max) +
                                     " can be read in one stream."};
  }
  paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

Failure file_failure(const std::string& name, const char* what, int error) {
  if (error == ENOENT || error == ENOTDIR) return {Code::unavailable, name + " does not exist."};
  if (error == ELOOP) {
    return {Code::unavailable, name + " cannot be " + what + ": its symbolic links form a loop."};
  }
  if (error == EACCES || error == EPERM) {
    return {Code::not_permitted, name + " cannot be " + what + ": permission denied."};
  }
  return {Code::unavailable, name + " cannot be " + what + ": " + strerror(error) + "."};
}

bool is_pattern(std::string_view path) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\') {
      ++i;
    } else if (path[i] == '*' || path[i] == '?' || path[i] == '[') {
      return true;
    }
  }
  return false;
}

Result<std::vector<FoundFile>> find_files(const std::string& base, const std::string& path) {
  const std::string folder = join(base, path).substr(0, join(base, path).size() - path.size());
  struct stat status {};
  // A file whose name only looks like a pattern is meant as it is.
  const bool exists = ::stat((folder + path).c_str(), &status) == 0;
  const bool pattern = !exists && is_pattern(path);
  std::vector<std::string> paths = {folder + (exists ? path : unescape(path))};
  if (pattern) {
    Result<std::vector<std::string>> expanded = expand(escape(folder) + path, path);
    if (!expanded.ok()) return expanded.error();
    paths = std::move(*expanded);
  }
  std::vector<FoundFile> files;
  for (std::string& found : paths) {
    std::string name = found.substr(folder.size());
    if (::stat(found.c_str(), &status) != 0) {
      // Where it was looked for, as the connection and the job say it.
      return file_failure(errno == ENOENT ? found : name, "opened", errno);
    }
    if (pattern && S_ISDIR(status.st_mode)) continue;
    if (!S_ISREG(status.st_mode)) return not_regular(name, status.st_mode);
    FoundFile file = facts_of(status);
    file.name = std::move(name);
    file.path = std::move(found);
    files.push_back(std::move(file));
  }
  return files;
}

Result<FoundFile> examine(int descriptor, const FoundFile& file) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return file_failure(file.name, "examined", errno);
  if (!S_ISREG(status.st_mode)) return not_regular(file.name, status.st_mode);
  FoundFile now = facts_of(status);
  now.name = file.name;
  now.path = file.path;
  return now;
}

Result<int> open_file(const FoundFile& file) {
  const int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return file_failure(file.name, "opened", errno);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return descriptor;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ull;
  }
  return hash;
}

std::string to_hex(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = "0123456789abcdef"[value & 15];
  return out;
}

NameParts name_parts(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  const auto last_dot = [&] { return name.find_last_of('.'); };
  std::size_t dot = last_dot();
  std::string extension = dot == std::string_view::npos ? "" : lower(name.substr(dot + 1));
  if (extension == "gz" || extension == "zst" || extension == "zstd") {
    name = name.substr(0, dot);
    dot = last_dot();
    extension = dot == std::string_view::npos ? "" : lower(name.substr(dot + 1));
  }
  return {std::string(name.substr(0, std::min(dot, name.size()))), extension};
}

bool is_data_extension(std::string_view extension) {
  for (const std::string_view known : {"csv", "tsv", "txt", "jsonl", "ndjson", "json"}) {
    if (extension == known) return true;
  }
  return false;
}

}  // namespace rondom::file
