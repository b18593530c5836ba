#include "plugin/file_trust.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "plugin/process.h"

namespace rondom::plugin {
namespace {

constexpr std::size_t account_bytes = 64u << 10;
constexpr std::size_t piece_bytes = 64u << 10;

/// Is it the group that a system gives each user, named after this one and with nobody else in it?
/// One that cannot be looked up is not.
bool is_of_this_user_alone(gid_t id) {
  std::vector<char> user_text(account_bytes), group_text(account_bytes);
  passwd user_entry{};
  group group_entry{};
  passwd* user = nullptr;
  group* found = nullptr;
  if (::getpwuid_r(::geteuid(), &user_entry, user_text.data(), user_text.size(), &user) != 0 ||
      ::getgrgid_r(id, &group_entry, group_text.data(), group_text.size(), &found) != 0 ||
      user == nullptr || found == nullptr) {
    return false;
  }
  const std::string_view name = user->pw_name;
  if (user->pw_gid != id || name != found->gr_name) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

bool by_its_group(const struct stat& facts) {
  return (facts.st_mode & S_IWGRP) != 0 && !is_of_this_user_alone(facts.st_gid);
}

std::string why_not(const struct stat& facts) {
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid()) return "belongs to another user";
  if ((facts.st_mode & S_IWOTH) != 0) return "can be changed by everybody (chmod o-w)";
  if (by_its_group(facts)) return "can be changed by the others of its group (chmod g-w)";
  return {};
}

Result<std::string> bytes_of(int descriptor, const std::string& path, std::size_t bytes_max) {
  std::string bytes;
  while (bytes.size() <= bytes_max) {
    const std::size_t before = bytes.size();
    bytes.resize(before + piece_bytes);
    const ssize_t got = ::read(descriptor, bytes.data() + before, piece_bytes);
    bytes.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{ErrorCode::unavailable, path + " cannot be read"};
    if (got == 0) return bytes;
  }
  return Error{ErrorCode::data, path + " holds more than " + std::to_string(bytes_max) + " bytes"};
}

}  // namespace

std::string why_not_trusted(const std::filesystem::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return "cannot be looked at";
  return why_not(facts);
}

std::string why_not_trusted_file(const std::filesystem::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode)) {
    return "is a symbolic link; put the file itself there";
  }
  return why_not_trusted(path);
}

Result<std::string> trusted_bytes(const std::filesystem::path& path, std::size_t bytes_max) {
  const std::string name = path.string();
  // Not blocking: it may be a pipe.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ELOOP) {
      return Error{ErrorCode::not_permitted, name + " is a symbolic link; name the file itself"};
    }
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return Error{missing ? ErrorCode::usage : ErrorCode::unavailable,
                 name + (missing ? " is not there" : " cannot be read")};
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Error{ErrorCode::usage, name + " is no file"};
  }
  if (const std::string reason = why_not(facts); !reason.empty()) {
    return Error{ErrorCode::not_permitted, name + " " + reason};
  }
  return bytes_of(file.get(), name, bytes_max);
}

std::string why_not_reached_safely(const std::filesystem::path& folder) {
  for (std::filesystem::path above = folder.parent_path();; above = above.parent_path()) {
    struct stat facts {};
    if (::stat(above.c_str(), &facts) != 0) return "is in a folder that cannot be looked at";
    const bool sticky = (facts.st_mode & S_ISVTX) != 0;
    const bool by_others = (facts.st_mode & S_IWOTH) != 0 || by_its_group(facts);
    if (facts.st_uid != 0 && facts.st_uid != ::geteuid()) {
      return "is in a folder of another user: " + above.string();
    }
    if (by_others && !sticky) {
      return "is in a folder that others can change: " + above.string() + " (chmod go-w)";
    }
    if (above == above.parent_path()) return {};
  }
}

}  // namespace rondom::plugin
