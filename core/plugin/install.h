// install: a plugin's library from anywhere into a plugin folder, verified first.
//
// In the folder it is one library with the sum of its bytes in its name, the folder of its presets
// beside it, and a manifest that names the library. Renaming the manifest over the one before is
// the only step that counts: whenever it is cut off, the folder holds the old plugin whole or the
// new one whole, and remains that the next installation removes. One thread; two installations into
// one folder at the same time are kept apart by a lock.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

struct Installed {
  std::string plugin;
  std::string version;
  std::string version_before;  // of what it replaced; empty = it is new here
  bool unchanged = false;      // these very bytes were there
  std::string library;         // absolute path
  std::size_t presets = 0;
  std::vector<ConnectorInfo> connectors;
};

/// Loads a copy of `file` in a plugin host and puts it into `folder`, which is made when it is not
/// there. ErrorCode::usage when `file` is no library, NOT_PERMITTED when others could have written
/// it or can write the folder, INTERNAL with the host's own sentence when it is no proper plugin,
/// DATA when a connector of it is another plugin's in this folder, UNAVAILABLE when something
/// cannot be read, written or started. `host_program` empty = default_host_program().
Result<Installed> install_plugin(const std::filesystem::path& file,
                                 const std::filesystem::path& folder,
                                 const std::string& host_program);

}  // namespace rondom::plugin
