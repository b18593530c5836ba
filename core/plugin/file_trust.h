// file_trust: whether code and manifests may be believed, by who could have written them. Looks at
// files only; any thread.
#pragma once

#include <filesystem>
#include <string>

namespace rondom::plugin {

/// Why not, as the end of a sentence: "can be changed by everybody (chmod o-w)". Empty when nobody but
/// root, this user or this user's own group can change it.
std::string why_not_trusted(const std::filesystem::path& path);

/// The same for a file in a plugin folder, which has to be no symbolic link: that would lead to a place
/// whose owners and modes nobody has looked at.
std::string why_not_trusted_file(const std::filesystem::path& path);

/// The same for the folders above a plugin folder: whoever can change one of them can put another folder
/// in its place. One that everybody may write is fine where only the owner of a file can rename it (/tmp).
std::string why_not_reached_safely(const std::filesystem::path& folder);

}  // namespace rondom::plugin
