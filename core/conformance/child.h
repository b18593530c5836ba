// child: one check in a process of its own. A plugin that crashes, hangs or exits there is found by
// how the process ends.
#pragma once

#include <functional>
#include <string>

#include "conformance/conformance.h"

namespace rondom::conformance {

/// Runs `check` in a fork of this process, in `folder`, and gives what it found. A process that is
/// still there after `patience_seconds` is killed. What the child writes to standard output goes to
/// a file that only it can see, see standard_output().
Finding run_in_child(const std::function<Finding()>& check, const std::string& folder,
                     int patience_seconds);

/// In the child: this is the finding, and the end of the process, from whatever thread and depth.
[[noreturn]] void conclude(const Finding& finding);

/// In the child: what was written to standard output so far.
std::string standard_output();

}  // namespace rondom::conformance
