#include "plugin/plugin_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/whole_file.h"
#include "plugin/file_trust.h"

namespace rondom::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view stage_prefix = ".install-";
constexpr std::size_t entries_max = 10'000;

/// "acme-0123456789ab.so" of plugin "acme".
bool is_library_of(std::string_view file, std::string_view plugin) {
  if (!file.starts_with(plugin)) return false;
  file.remove_prefix(plugin.size());
  if (file.size() <= 1 + sum_digits || file.front() != '-') return false;
  const std::string_view rest = file.substr(1 + sum_digits);
  const std::string_view sum = file.substr(1, sum_digits);
  return (rest == ".so" || rest == ".presets") &&
         sum.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string PluginFolder::Entry::plugin() const {
  return manifest.connectors.empty() ? std::string() : manifest.connectors.front().plugin_name;
}

std::string PluginFolder::Entry::version() const {
  return manifest.connectors.empty() ? std::string() : manifest.connectors.front().plugin_version;
}

Result<PluginFolder> PluginFolder::open(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) {
    return Error{ErrorCode::unavailable,
                 "the folder " + path.string() + " cannot be made: " + failed.message()};
  }
  if (const std::string reason = why_not_trusted(path); !reason.empty()) {
    return Error{ErrorCode::not_permitted, "the folder " + path.string() + " " + reason};
  }
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid()) {
    return Error{ErrorCode::unavailable,
                 "the folder " + path.string() + " cannot be read: " + std::strerror(errno)};
  }
  if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::busy,
                 "something is being installed into " + path.string() + " already"};
  }
  PluginFolder folder(path, std::move(descriptor));
  folder.read_entries();
  return folder;
}

void PluginFolder::read_entries() {
  entries_.clear();
  std::error_code failed;
  std::vector<fs::path> files;
  for (auto at = fs::directory_iterator(path_, failed);
       !failed && at != fs::directory_iterator() && files.size() < entries_max;
       at.increment(failed)) {
    if (at->path().filename().string().ends_with(manifest_suffix)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Result<std::string> text = whole_file(file.string(), manifest_bytes_max);
    if (!text.ok()) continue;
    Result<Manifest> manifest = parse_manifest(*text);
    if (manifest.ok()) entries_.push_back({file, std::move(manifest).value()});
  }
}

const PluginFolder::Entry* PluginFolder::of_plugin(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.plugin() == name) return &entry;
  }
  return nullptr;
}

Result<fs::path> PluginFolder::make_stage() {
  std::string name = (path_ / (std::string(stage_prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) {
    return Error{ErrorCode::unavailable,
                 "nothing can be written to " + path_.string() + ": " + std::strerror(errno)};
  }
  return fs::path(name);
}

Status PluginFolder::make_durable() const {
  if (::fsync(descriptor_.get()) == 0) return {};
  return {ErrorCode::unavailable, path_.string() + " cannot be written: " + std::strerror(errno)};
}

bool PluginFolder::is_named(const std::string& library) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.manifest.library == library; });
}

void PluginFolder::remove_library(const std::string& library) const {
  std::error_code ignored;
  const fs::path file = path_ / fs::path(library).filename();
  fs::remove(file, ignored);
  fs::remove_all(fs::path(file).replace_extension(".presets"), ignored);
}

void PluginFolder::clean(const std::string& plugin, const std::string& library_before) {
  read_entries();
  if (!library_before.empty() && !is_named(library_before)) remove_library(library_before);
  std::error_code failed;
  std::vector<fs::path> unfinished;
  for (auto at = fs::directory_iterator(path_, failed);
       !failed && at != fs::directory_iterator() && unfinished.size() < entries_max;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    const std::string library = fs::path(name).replace_extension(".so").string();
    if (name.starts_with(stage_prefix) || (is_library_of(name, plugin) && !is_named(library))) {
      unfinished.push_back(at->path());
    }
  }
  std::error_code ignored;
  for (const fs::path& path : unfinished) fs::remove_all(path, ignored);
}

}  // namespace rondom::plugin
