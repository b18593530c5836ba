// copy_configuration
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/whole_file.h"
#include "config/config.h"

namespace rondom::config {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> copied_folders = {
    "attributes", "audiences", "catalog",      "env",         "jobs",
    "lookups",    "models",    "suppressions", "vocabularies"};
constexpr std::size_t copied_files_max = 50'000;

/// Relative names of what is copied, sorted: files, and folders (ending in /), whose presence alone
/// may be a mistake.
Result<std::vector<std::string>> names_to_copy(const fs::path& root) {
  std::vector<std::string> names;
  const auto list = [&](const fs::path& folder, const std::string& prefix, bool top) -> Status {
    std::error_code failed;
    fs::directory_iterator entries(folder, failed);
    if (failed) {
      return {ErrorCode::unavailable, folder.string() + " cannot be read: " + failed.message()};
    }
    for (; entries != fs::directory_iterator(); entries.increment(failed)) {
      const std::string name = entries->path().filename().string();
      std::error_code unknown;
      const bool is_folder = entries->is_directory(unknown);
      const bool wanted = top ? !is_folder && (name.ends_with(".yaml") || name.ends_with(".yml"))
                              : name.front() != '.';
      if (wanted) names.push_back(prefix + name + (is_folder ? "/" : ""));
      if (names.size() > copied_files_max) {
        return {ErrorCode::bad_config, "the project has more than 50,000 files"};
      }
      if (failed) break;
    }
    return {};
  };
  RONDOM_TRY(list(root, "", true));
  for (const std::string_view folder : copied_folders) {
    std::error_code unknown;
    if (!fs::is_directory(root / folder, unknown)) continue;
    RONDOM_TRY(list(root / folder, std::string(folder) + "/", false));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<std::string> copy_configuration(std::string_view folder, const std::string& into) {
  const fs::path from{std::string(folder)};
  const fs::path to{into};
  RONDOM_TRY_ASSIGN(const std::vector<std::string> names, names_to_copy(from));
  Hasher hasher;
  std::error_code failed;
  fs::create_directories(to, failed);
  // Only the service reads it, whatever the mask says.
  if (!failed) fs::permissions(to, fs::perms::owner_all, failed);
  for (std::size_t i = 0; i < names.size() && !failed; ++i) {
    hasher.add(names[i]);
    if (names[i].ends_with('/')) {
      fs::create_directories(to / names[i], failed);
      continue;
    }
    auto bytes = whole_file((from / names[i]).string(), limits::config_file_bytes_max);
    if (!bytes.ok()) return bytes.error();
    hasher.add(*bytes);
    fs::create_directories((to / names[i]).parent_path(), failed);
    std::ofstream out(to / names[i], std::ios::binary);
    out << *bytes;
    if (!out.flush()) failed = std::make_error_code(std::errc::io_error);
  }
  if (failed) {
    return Error{ErrorCode::unavailable, into + " cannot be written: " + failed.message()};
  }
  return hex64(hasher.value());
}

}  // namespace rondom::config
