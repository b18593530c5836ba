// presets: the maps that a plugin brings, in "<library without .so>.presets" beside its library.
//
// They decide what a withdrawal is as much as the code does: who could have written them is asked
// as it is of the library, and the sum that a project pins covers both. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace rondom::plugin {

struct Preset {
  std::string name;  // "contact.yaml"
  std::string bytes;
};

std::filesystem::path preset_folder_of(const std::filesystem::path& library);

/// In order of their names; none when there is no such folder. NOT_PERMITTED when somebody else
/// could have written the folder or one of them, or one is a symbolic link; DATA for more or larger
/// ones than anybody needs, UNAVAILABLE when they cannot be read.
Result<std::vector<Preset>> read_presets(const std::filesystem::path& library);

/// What names one build, in hexadecimal: the library's own sha256 where it brings no presets.
std::string build_sum(const std::string& library_sha256, const std::vector<Preset>& presets);

}  // namespace rondom::plugin
