// loader: a plugin's library into this process. Used by the plugin host only.
//
// Libraries are opened once, with every symbol bound at once and none shared with others, and stay
// for the life of the process: code that made threads, thread-local objects or exit handlers cannot
// be taken away safely. Any thread, one call at a time.
#pragma once

#include <rondom/plugin.h>

#include <string>

#include "base/result.h"

namespace rondom::plugin {

/// The checked table of the library at `path` (absolute). ErrorCode::internal with a sentence that
/// names the file and, where there is one, the cure.
Result<const rondom_plugin*> load_plugin(const std::string& path);

/// The sentence for a message of dlopen(). For tests.
std::string explain_load_failure(const std::string& path, const std::string& message);

}  // namespace rondom::plugin
