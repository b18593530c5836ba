// plugin_folder: a folder that plugins are installed into, held while that is done.
//
// One thread; the lock keeps other installations out and goes with the process.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plugin/documents.h"
#include "plugin/process.h"

namespace rondom::plugin {

/// Hexadecimal digits of a content's SHA-256 in the name that its library is installed by.
constexpr std::size_t sum_digits = 12;

class PluginFolder {
 public:
  struct Entry {
    std::filesystem::path file;  // the manifest
    Manifest manifest;
    std::string plugin() const;
    std::string version() const;
  };

  /// Made when it is not there. NOT_PERMITTED when others can write it, BUSY while somebody else
  /// installs, UNAVAILABLE when it cannot be made or read.
  static Result<PluginFolder> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  /// Manifests that can be read, in order of their names.
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* of_plugin(std::string_view name) const;

  /// An empty folder inside, which only this user may enter. Its name is that of something
  /// unfinished.
  Result<std::filesystem::path> make_stage();
  /// What is on the disk under these names stays there when the power goes.
  Status make_durable() const;
  /// Removes what is unfinished, the libraries of `plugin` that no manifest names any more, and
  /// `library_before`, if none does. Failures are of no importance: it is done again next time.
  void clean(const std::string& plugin, const std::string& library_before);

 private:
  PluginFolder(std::filesystem::path path, Descriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}
  void read_entries();
  bool is_named(const std::string& library) const;
  void remove_library(const std::string& library) const;

  std::filesystem::path path_;
  Descriptor descriptor_;  // of the folder, which holds the lock
  std::vector<Entry> entries_;
};

}  // namespace rondom::plugin
