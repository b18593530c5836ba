// test_checks: the expectations of a project's test against what its run left. Private to the
// engine.
#pragma once

#include <vector>

#include "engine/project_test.h"
#include "engine/test_world.h"

namespace rondom::engine {

/// Appends a failure for each expectation that does not hold.
Status check_expectations(const TestWorld& world, const config::Expectations& expect,
                          std::vector<TestFailure>& failures);

}  // namespace rondom::engine
