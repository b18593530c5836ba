// load: the plugin file into a child process, and what the parent may know of it without loading
// it.
#pragma once

#include <string>
#include <vector>

#include "conformance/conformance.h"
#include "conformance/subject.h"

namespace rondom::conformance {

/// The connectors of a library, told by a child process that loaded it.
Result<std::vector<plugin::ConnectorInfo>> connectors_of(const std::string& library,
                                                         const Options& options);

/// In a child: loads the library. `fixture` may be nullptr; both must live as long.
Result<Subject> load_subject(const std::string& library, const plugin::ConnectorInfo& info,
                             const Fixture* fixture);

}  // namespace rondom::conformance
