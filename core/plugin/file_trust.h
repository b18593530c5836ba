// file_trust: whether code and manifests may be believed, by who could have written them. Looks at
// files only; any thread.
#pragma once

#include <filesystem>
#include <string>

namespace rondom::plugin {

/// Why not, as the end of a sentence: "can be changed by everybody (chmod o-w)". Empty when nobody but
/// root, this user or this user's own group can change it.
std::string why_not_trusted(const std::filesystem::path& path);

}  // namespace rondom::plugin
