#include "config/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rondom::config {
namespace {

constexpr std::size_t files_per_folder_max = 10'000;

std::filesystem::path path_of(std::string_view root, std::string_view file) {
  return std::filesystem::path(root) / std::filesystem::path(file);
}

}  // namespace

Location whole_file(std::string_view file) {
  Location at;
  at.file = std::make_shared<const std::string>(file);
  return at;
}

bool exists(std::string_view root, std::string_view file) {
  std::error_code ignored;
  return std::filesystem::exists(path_of(root, file), ignored);
}

bool read_text(std::string_view root, std::string_view file, Diagnostics& diagnostics,
               std::string& text) {
  text.clear();
  const std::filesystem::path path = path_of(root, file);
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    diagnostics.error(whole_file(file), exists(root, file) ? "is not a plain file" : "not found");
    return false;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    diagnostics.error(whole_file(file), "cannot be opened", "check its permissions");
    return false;
  }
  // The size is taken while reading: a file can grow, and some files have no size.
  std::string chunk(64u << 10, '\0');
  while (in && text.size() <= limits::config_file_bytes_max) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    text.append(chunk, 0, static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) {
    diagnostics.error(whole_file(file), "cannot be read");
    return false;
  }
  if (text.size() > limits::config_file_bytes_max) {
    diagnostics.error(whole_file(file), "this file is larger than 8 MB");
    return false;
  }
  return true;
}

std::vector<std::string> list_yaml(std::string_view root, std::string_view folder,
                                   Diagnostics& diagnostics, Folders inside) {
  std::vector<std::string> found;
  std::error_code failed;
  std::filesystem::directory_iterator entries(path_of(root, folder), failed);
  if (failed) {
    if (exists(root, folder)) {
      diagnostics.error(whole_file(folder), "cannot be read as a folder", "check its permissions");
    }
    return found;
  }
  std::size_t seen = 0;
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(failed)) {
    if (failed) break;
    if (++seen > files_per_folder_max) {
      diagnostics.error(whole_file(folder), "holds more than 10,000 files");
      break;
    }
    const std::string name = entries->path().filename().string();
    if (name.empty() || name.front() == '.') continue;
    const std::string file = std::string(folder) + "/" + name;
    std::error_code unknown;
    const std::string extension = entries->path().extension().string();
    if (entries->is_directory(unknown)) {
      if (inside == Folders::allowed) continue;
      diagnostics.error(whole_file(file),
                        "folders inside " + std::string(folder) + "/ are not read",
                        "move its files up one folder");
    } else if (extension == ".yaml") {
      found.push_back(file);
    } else if (extension == ".yml" || extension == ".YAML" || extension == ".YML") {
      diagnostics.error(whole_file(file), "project files end in .yaml", "rename the file");
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> list_top_level(std::string_view root) {
  std::vector<std::string> found;
  std::error_code failed;
  std::filesystem::directory_iterator entries(std::filesystem::path(root), failed);
  if (failed) return found;
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(failed)) {
    if (failed || found.size() >= files_per_folder_max) break;
    found.push_back(entries->path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Node read_yaml(std::string_view root, std::string_view file, Diagnostics& diagnostics) {
  Node node;
  node.at = whole_file(file);
  std::string text;
  if (read_text(root, file, diagnostics, text)) parse_text(text, file, diagnostics, node);
  return node;
}

}  // namespace rondom::config
