#include "plugin/file_trust.h"

#include <unistd.h>

#include <sys/stat.h>

namespace rondom::plugin {

std::string why_not_trusted(const std::filesystem::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return "cannot be looked at";
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid()) return "belongs to another user";
  if ((facts.st_mode & S_IWOTH) != 0) return "can be changed by everybody (chmod o-w)";
  if ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != ::getegid()) {
    return "can be changed by another group (chmod g-w)";
  }
  return {};
}

std::string why_not_trusted_file(const std::filesystem::path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode)) {
    return "is a symbolic link; put the file itself there";
  }
  return why_not_trusted(path);
}

std::string why_not_reached_safely(const std::filesystem::path& folder) {
  for (std::filesystem::path above = folder.parent_path();; above = above.parent_path()) {
    struct stat facts {};
    if (::stat(above.c_str(), &facts) != 0) return "is in a folder that cannot be looked at";
    const bool sticky = (facts.st_mode & S_ISVTX) != 0;
    const bool by_others = (facts.st_mode & S_IWOTH) != 0 ||
                           ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != ::getegid());
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
