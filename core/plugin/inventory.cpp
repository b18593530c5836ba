// The inventory: manifests of the configured directories, believed only where the files can be.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "base/whole_file.h"
#include "plugin/documents.h"
#include "plugin/file_trust.h"
#include "plugin/plugin.h"
#include "plugin/presets.h"

namespace rondom::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t manifests_max = 1'000;

Status check_library(const fs::path& library, const Manifest& manifest) {
  if (const std::string reason = why_not_trusted_file(library); !reason.empty()) {
    return {ErrorCode::not_permitted, "its library " + library.filename().string() + " " + reason};
  }
  Result<std::string> bytes = whole_file(library.string(), library_bytes_max);
  if (!bytes.ok()) {
    return {ErrorCode::unavailable, "its library " + library.string() + " cannot be read"};
  }
  if (sha256_hex(*bytes) != manifest.sha256) {
    return {ErrorCode::data, "it does not belong to this build of " + library.filename().string() +
                                 " (write it again with rondom-plugin-host --manifest)"};
  }
  return {};
}

Status take_manifest(const fs::path& path, bool foreign, Inventory& inventory) {
  if (const std::string reason = why_not_trusted_file(path); !reason.empty()) {
    return {ErrorCode::not_permitted, "it " + reason};
  }
  RONDOM_TRY_ASSIGN(const std::string text, whole_file(path.string(), manifest_bytes_max));
  RONDOM_TRY_ASSIGN(Manifest manifest, parse_manifest(text));
  const fs::path library = path.parent_path() / fs::path(manifest.library).filename();
  RONDOM_TRY(check_library(library, manifest));
  const Result<std::vector<Preset>> presets = read_presets(library);
  if (!presets.ok()) {
    return {presets.error().code, "of its presets, " + presets.error().message};
  }
  const fs::path folder = preset_folder_of(library);
  std::error_code failed;
  const std::string directory = fs::is_directory(folder, failed) ? folder.string() : std::string();
  for (ConnectorInfo& info : manifest.connectors) {
    info.library = library.string();
    info.sha256 = build_sum(manifest.sha256, *presets);
    info.foreign = foreign;
    info.preset_directory = directory;
    inventory.connectors.push_back(std::move(info));
  }
  return {};
}

std::vector<fs::path> manifests_in(const std::string& directory, Inventory& inventory) {
  std::vector<fs::path> manifests;
  std::error_code failed;
  // A link to the folder is followed once, and what it leads to is looked at.
  const fs::path folder = fs::canonical(directory, failed);
  std::string reason = failed ? "cannot be looked at" : why_not_trusted(folder);
  if (reason.empty()) reason = why_not_reached_safely(folder);
  if (!reason.empty()) {
    inventory.problems.push_back("Plugin directory " + directory + " " + reason + ".");
    return manifests;
  }
  for (auto at = fs::directory_iterator(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(manifest_suffix)) manifests.push_back(at->path());
    if (manifests.size() > manifests_max) break;
  }
  if (failed) inventory.problems.push_back("Plugin directory " + directory + " cannot be read.");
  std::sort(manifests.begin(), manifests.end());
  return manifests;
}

bool before(const ConnectorInfo& a, const ConnectorInfo& b) {
  return std::pair(std::string_view(a.id), a.kind) < std::pair(std::string_view(b.id), b.kind);
}

/// The first directory that has a connector wins; a second one is a problem to be told.
void drop_duplicates(Inventory& inventory) {
  std::vector<ConnectorInfo> kept;
  for (ConnectorInfo& info : inventory.connectors) {
    if (!kept.empty() && kept.back().id == info.id && kept.back().kind == info.kind) {
      inventory.problems.push_back("Connector \"" + info.id + "\" of " + info.library +
                                   " is not used: " + kept.back().library + " has it already.");
      continue;
    }
    kept.push_back(std::move(info));
  }
  inventory.connectors = std::move(kept);
}

}  // namespace

const ConnectorInfo* Inventory::find(std::string_view id, Kind kind) const {
  for (const ConnectorInfo& info : connectors) {
    if (info.id == id && info.kind == kind) return &info;
  }
  return nullptr;
}

Inventory take_inventory(std::span<const std::string> directories,
                         std::span<const std::string> own) {
  Inventory inventory;
  for (const std::string& directory : directories) {
    const bool foreign = std::find(own.begin(), own.end(), directory) == own.end();
    for (const fs::path& manifest : manifests_in(directory, inventory)) {
      const Status taken = take_manifest(manifest, foreign, inventory);
      if (taken.ok()) continue;
      inventory.problems.push_back("Plugin manifest " + manifest.string() +
                                   " is not used: " + taken.error().message + ".");
    }
  }
  std::stable_sort(inventory.connectors.begin(), inventory.connectors.end(), before);
  drop_duplicates(inventory);
  return inventory;
}

}  // namespace rondom::plugin
