// profile_checks: expected profiles and links against those of a test's run. Private to the engine.
#pragma once

#include <vector>

#include "engine/project_test.h"
#include "engine/test_world.h"

namespace rondom::engine {

Status check_profiles(const TestWorld& world, const config::Expectations& expect,
                      std::vector<TestFailure>& failures);
Status check_link(const TestWorld& world, const config::ExpectedLink& link,
                  std::vector<TestFailure>& failures);

}  // namespace rondom::engine
