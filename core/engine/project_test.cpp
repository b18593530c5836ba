#include "engine/project_test.h"

#include "engine/test_checks.h"

namespace rondom::engine {

namespace {

// Ids of profiles and runs are the same in every run of the tests.
class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

class NoSecrets final : public config::Secrets {
 public:
  Result<std::string> get(std::string_view) const override {
    return Error{ErrorCode::not_permitted, "a test reads no secrets"};
  }
  Result<std::string> place_of(std::string_view name) const override { return get(name); }
};

}  // namespace

Result<TestOutcome> run_test(const config::Project& project, const plugin::Inventory& inventory,
                             const config::ProjectTest& test) {
  TestOutcome outcome{test.name, test.at, {}};
  auto copy = std::make_shared<config::Project>(project);
  copy->deliver = config::Delivery::capture;
  ManualClock clock(test.as_of);
  FixedRandom random;
  const NoSecrets secrets;
  TestWorld world;

  Surroundings surroundings;
  surroundings.clock = &clock;
  surroundings.random = &random;
  surroundings.secrets = &secrets;
  surroundings.inventory = inventory;
  surroundings.open_source = [&](std::string_view connection) {
    return Result<std::unique_ptr<plugin::Source>>(
        std::make_unique<GivenSource>(test.given, connection));
  };
  surroundings.open_destination = [&](const config::Job& job) {
    return Result<std::unique_ptr<plugin::Destination>>(
        std::make_unique<CapturedDestination>(world.sent[job.name]));
  };
  RONDOM_TRY_ASSIGN(const auto engine, Engine::open_in_memory(copy, surroundings));
  RunOptions options;
  options.as_of = test.as_of;
  options.threads = 1;
  RONDOM_TRY_ASSIGN(const RunReport report, engine->run(options));
  for (const JobReport& job : report.jobs) {
    if (!job.error.has_value()) continue;
    outcome.failures.push_back(
        {test.at, "job " + job.job, "done", job.status + ": " + job.error->message, {}});
  }
  world.project = copy.get();
  world.store = &engine->store();
  world.as_of = test.as_of;
  RONDOM_TRY(world.load());
  RONDOM_TRY(check_expectations(world, test.expect, outcome.failures));
  return outcome;
}

}  // namespace rondom::engine
