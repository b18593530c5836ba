// project_test: runs a project's own tests (tests/*.yaml).
//
// Each test is a whole run in memory: the given records play the sources, destinations are
// captured, the store is gone afterwards. No plugin runs and no system is contacted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/tests.h"
#include "engine/engine.h"

namespace rondom::engine {

/// One expectation that does not hold.
struct TestFailure {
  config::Location at;  // of the expectation
  std::string what;     // "name.given of salesforce.Contact/003A"
  std::string expected, actual;
  std::vector<std::string> because;  // the rules that decided, with their places
};

struct TestOutcome {
  std::string name;
  config::Location at;
  std::vector<TestFailure> failures;  // none: passed
};

/// Runs one test. Uses the clock of the test, never that of the machine. Fails only where nothing
/// can be said about the expectations; a job that fails is a failure of the test.
Result<TestOutcome> run_test(const config::Project& project, const plugin::Inventory& inventory,
                             const config::ProjectTest& test);

}  // namespace rondom::engine
