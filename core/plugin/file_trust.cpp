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

}  // namespace rondom::plugin
