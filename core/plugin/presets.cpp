#include "plugin/presets.h"

#include <algorithm>
#include <system_error>

#include "base/hash.h"
#include "plugin/file_trust.h"

namespace rondom::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t preset_bytes_max = 1u << 20;
constexpr std::size_t presets_max = 1'000;

}  // namespace

fs::path preset_folder_of(const fs::path& library) {
  return fs::path(library).replace_extension(".presets");
}

Result<std::vector<Preset>> read_presets(const fs::path& library) {
  const fs::path folder = preset_folder_of(library);
  std::vector<Preset> presets;
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return presets;
  if (const std::string reason = why_not_trusted_file(folder); !reason.empty()) {
    return Error{ErrorCode::not_permitted, folder.string() + " " + reason};
  }
  for (auto at = fs::directory_iterator(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    if (at->path().extension() != ".yaml") continue;
    if (presets.size() == presets_max) {
      return Error{ErrorCode::data, folder.string() + " holds more than " +
                                        std::to_string(presets_max) + " presets"};
    }
    RONDOM_TRY_ASSIGN(std::string bytes, trusted_bytes(at->path(), preset_bytes_max));
    presets.push_back({at->path().filename().string(), std::move(bytes)});
  }
  if (failed) return Error{ErrorCode::unavailable, folder.string() + " cannot be read"};
  std::sort(presets.begin(), presets.end(),
            [](const Preset& a, const Preset& b) { return a.name < b.name; });
  return presets;
}

std::string build_sum(const std::string& library_sha256, const std::vector<Preset>& presets) {
  if (presets.empty()) return library_sha256;
  std::string sums = library_sha256;
  for (const Preset& preset : presets) sums += preset.name + '\n' + sha256_hex(preset.bytes);
  return sha256_hex(sums);
}

}  // namespace rondom::plugin
