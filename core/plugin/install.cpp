#include "plugin/install.h"

#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/hash.h"
#include "base/whole_file.h"
#include "plugin/documents.h"
#include "plugin/file_trust.h"
#include "plugin/manifest_run.h"
#include "plugin/plugin_folder.h"
#include "plugin/presets.h"
#include "plugin/process.h"

namespace rondom::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 64;
constexpr fs::perms file_mode = fs::perms(0644);
constexpr fs::perms folder_mode = fs::perms(0755);

Status write_part(const fs::path& file, std::string_view bytes) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  const std::string problem = file.string() + " cannot be written";
  if (!out.valid()) return {ErrorCode::unavailable, problem};
  while (!bytes.empty()) {
    const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return {ErrorCode::unavailable, problem};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fchmod(out.get(), static_cast<mode_t>(file_mode)) != 0 || ::fsync(out.get()) != 0) {
    return {ErrorCode::unavailable, problem};
  }
  return {};
}

Status move_into(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (!failed) return {};
  return {ErrorCode::unavailable, to.string() + " cannot be written: " + failed.message()};
}

bool can_name_a_file(const std::string& name) {
  return !name.empty() && name.size() <= name_bytes_max && name.front() != '.' &&
         name.front() != '-' &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
             std::string::npos;
}

Result<Manifest> manifest_of(const fs::path& library, const std::string& host_program) {
  RONDOM_TRY(write_manifest(host_program.empty() ? default_host_program() : host_program, library));
  const fs::path manifest = fs::path(library).replace_extension(manifest_suffix);
  RONDOM_TRY_ASSIGN(const std::string text, whole_file(manifest.string(), manifest_bytes_max));
  return parse_manifest(text);
}

/// What of the folder stands in the way of this plugin.
Status check_against(const PluginFolder& folder, const Manifest& manifest, const fs::path& target) {
  const std::string& plugin = manifest.connectors.front().plugin_name;
  for (const PluginFolder::Entry& entry : folder.entries()) {
    if (entry.plugin() == plugin) continue;
    if (entry.file == target) {
      return {ErrorCode::data, target.string() + " is that of plugin " + entry.plugin()};
    }
    for (const ConnectorInfo& theirs : entry.manifest.connectors) {
      for (const ConnectorInfo& ours : manifest.connectors) {
        if (theirs.id != ours.id || theirs.kind != ours.kind) continue;
        return {ErrorCode::data, "connector " + ours.id + " is in " + entry.file.string() +
                                     " already, of plugin " + entry.plugin()};
      }
    }
  }
  return {};
}

Status place(const PluginFolder& folder, const fs::path& stage, const Manifest& manifest,
             const std::vector<Preset>& presets, const fs::path& target) {
  const fs::path library = folder.path() / manifest.library;
  std::error_code failed;
  // Those of an earlier installation that was cut off, or of these very bytes, are the same ones.
  if (!presets.empty() && !fs::exists(preset_folder_of(library), failed)) {
    const fs::path staged = stage / "presets";
    fs::create_directory(staged, failed);
    for (const Preset& preset : presets) RONDOM_TRY(write_part(staged / preset.name, preset.bytes));
    fs::permissions(staged, folder_mode, failed);
    RONDOM_TRY(move_into(staged, preset_folder_of(library)));
  }
  const fs::path manifest_file = stage / "manifest";
  RONDOM_TRY(write_part(manifest_file, to_json(manifest)));
  RONDOM_TRY(move_into(stage / "library.so", library));
  RONDOM_TRY(folder.make_durable());
  RONDOM_TRY(move_into(manifest_file, target));
  return folder.make_durable();
}

}  // namespace

Result<Installed> install_plugin(const fs::path& file, const fs::path& folder_path,
                                 const std::string& host_program) {
  if (file.extension() != ".so") {
    return Error{ErrorCode::usage, file.string() + " is no plugin: its name does not end in .so"};
  }
  RONDOM_TRY_ASSIGN(const std::string bytes, trusted_bytes(file, library_bytes_max));
  RONDOM_TRY_ASSIGN(const std::vector<Preset> presets, read_presets(file));
  std::error_code failed;
  RONDOM_TRY_ASSIGN(PluginFolder folder, PluginFolder::open(fs::absolute(folder_path, failed)));
  RONDOM_TRY_ASSIGN(const fs::path stage, folder.make_stage());

  // The bytes that were read are looked at, and kept: nobody changes the file in between.
  const auto run = [&]() -> Result<Installed> {
    // A host's sentence names the file as it was given, which may be as any other of the stage.
    const fs::path shown = stage / "shown" / file.filename();
    fs::create_directory(shown.parent_path(), failed);
    RONDOM_TRY(write_part(shown, bytes));
    RONDOM_TRY_ASSIGN(Manifest manifest, manifest_of(shown, host_program));
    if (manifest.connectors.empty()) {
      return Error{ErrorCode::internal,
                   "Plugin file " + file.filename().string() + " has no connectors."};
    }
    const std::string plugin = manifest.connectors.front().plugin_name;
    if (!can_name_a_file(plugin)) {
      return Error{ErrorCode::internal, "Plugin file " + file.filename().string() +
                                            " has a name that no file can have."};
    }
    // What ran there had that copy in its hands: what is kept is written, and summed, anew.
    RONDOM_TRY(write_part(stage / "library.so", bytes));
    manifest.sha256 = sha256_hex(bytes);
    // Whatever the library is called and whichever presets it brings: other content, another name.
    manifest.library =
        plugin + "-" + build_sum(manifest.sha256, presets).substr(0, sum_digits) + ".so";
    Installed installed{plugin,
                        manifest.connectors.front().plugin_version,
                        {},
                        false,
                        {},
                        presets.size(),
                        manifest.connectors};
    const PluginFolder::Entry* const before = folder.of_plugin(plugin);
    const fs::path target =
        before != nullptr ? before->file : folder.path() / (plugin + ".plugin.json");
    const std::string library_before = before != nullptr ? before->manifest.library : std::string();
    if (before != nullptr) installed.version_before = before->version();
    installed.unchanged = library_before == manifest.library;
    installed.library = (folder.path() / manifest.library).string();
    RONDOM_TRY(check_against(folder, manifest, target));
    RONDOM_TRY(place(folder, stage, manifest, presets, target));
    folder.clean(plugin, library_before);
    return installed;
  };
  Result<Installed> installed = run();
  fs::remove_all(stage, failed);
  return installed;
}

}  // namespace rondom::plugin
