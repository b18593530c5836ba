// manifest_run: asks a plugin host to write a library's manifest, in a process of its own.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace rondom::plugin {

/// A host that is not done by then is killed.
inline constexpr int manifest_wait_ms = 60'000;

/// Writes "<library without .so>.plugin.json" beside `library`. ErrorCode::internal with the
/// sentence that the host said, UNAVAILABLE when it cannot be started. Waits up to
/// manifest_wait_ms.
Status write_manifest(const std::string& host_program, const std::filesystem::path& library);

}  // namespace rondom::plugin
