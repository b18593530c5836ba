// file_trust: whether code and manifests may be believed, by who could have written them. Looks at
// files only; any thread.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace rondom::plugin {

/// Why not, as the end of a sentence: "can be changed by everybody (chmod o-w)". Empty when nobody
/// but root and this user can change it; a group may that has this user's name and no other member.
std::string why_not_trusted(const std::filesystem::path& path);

/// The same for a file in a plugin folder, which has to be no symbolic link: that would lead to a
/// place whose owners and modes nobody has looked at.
std::string why_not_trusted_file(const std::filesystem::path& path);

/// The bytes of a file that is none of a plugin folder, looked at and read by one descriptor: a
/// path that leads elsewhere in between changes nothing. NOT_PERMITTED for a symbolic link and for
/// a file that is not trusted, USAGE for what is no file or not there, UNAVAILABLE when it cannot
/// be read, DATA when it holds more; each with a sentence that names it.
Result<std::string> trusted_bytes(const std::filesystem::path& path, std::size_t bytes_max);

/// The same as why_not_trusted() for the folders above a plugin folder: whoever can change one of
/// them can put another folder in its place. One that everybody may write is fine where only the
/// owner of a file can rename it (/tmp).
std::string why_not_reached_safely(const std::filesystem::path& folder);

}  // namespace rondom::plugin
