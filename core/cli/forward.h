// forward: a verb goes through the service while one is up for the project (service/forwarded.h has
// the list).
#pragma once

#include <optional>
#include <string_view>

#include "cli/cli.h"

namespace rondom::cli {

/// The exit code of the verb as the service ran it, or nothing when this process has to run it: it
/// is none of the list, no service is up, or the service started this process. What the verb says
/// comes out here; ^C stops it there.
std::optional<int> forward_to_service(const Options& options, std::string_view verb, int argc,
                                      const char* const* argv);

}  // namespace rondom::cli
