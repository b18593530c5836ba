// Whom a delivery waits for.
#include <boost/test/unit_test.hpp>

#include "engine/predecessors.h"
#include "store/store.h"
#include "world.h"

namespace {

using namespace rondom;

config::Job job_after(const std::string& name, const std::vector<std::string>& before,
                      bool is_source = true) {
  config::Job job;
  job.name = name;
  if (is_source)
    job.source.emplace();
  else
    job.destination.emplace();
  std::string yaml = "after: [";
  for (const std::string& one : before) yaml += (yaml.back() == '[' ? "" : ", ") + one;
  config::Diagnostics diagnostics;
  if (!before.empty()) job.schedule = config::parse_yaml(yaml + "]", "job.yaml", diagnostics);
  return job;
}

struct Chain {
  Chain() {
    project.jobs = {job_after("opt-outs", {}), job_after("crm", {"opt-outs"}),
                    job_after("letter", {"crm"}, false)};
    store::Options options;
    options.sqlite_file = ":memory:";
    opened = std::move(store::open(options, clock).value());
  }
  /// The end of the sentence, or empty.
  std::string waits(const std::vector<engine::JobReport>& reports = {}) {
    const Status status = engine::check_predecessors(project, project.jobs[2], reports, *opened);
    if (status.ok()) return {};
    return (status.error().code == ErrorCode::guarded ? "guard: " : "") + status.error().message;
  }
  static engine::JobReport report(const std::string& job, const std::string& status) {
    engine::JobReport made;
    made.job = job;
    made.status = status;
    return made;
  }

  ManualClock clock{*parse_time("2026-03-14T12:00:00Z")};
  config::Project project;
  std::unique_ptr<store::Store> opened;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(predecessors, Chain)

BOOST_AUTO_TEST_CASE(one_that_never_ran_keeps_nobody_waiting) {
  BOOST_TEST(waits().empty());
}

BOOST_AUTO_TEST_CASE(the_last_run_counts_however_far_back) {
  for (const char* status : {"failed", "cancelled", "guarded", "running"}) {
    BOOST_REQUIRE(engine::note_status(*opened, "opt-outs", status).ok());
    BOOST_TEST(waits().find("job opt-outs") != std::string::npos);
    BOOST_TEST(waits().starts_with("guard: ") == (std::string(status) == "guarded"));
  }
  for (const char* status : {"done", "partial"}) {
    BOOST_REQUIRE(engine::note_status(*opened, "opt-outs", status).ok());
    BOOST_TEST(waits().empty());
  }
}

BOOST_AUTO_TEST_CASE(what_this_run_did_goes_before_what_is_remembered) {
  BOOST_REQUIRE(engine::note_status(*opened, "opt-outs", "failed").ok());
  BOOST_TEST(waits({report("opt-outs", "done"), report("crm", "done")}).empty());
  BOOST_REQUIRE(engine::note_status(*opened, "opt-outs", "done").ok());
  BOOST_TEST(waits({report("opt-outs", "failed"), report("crm", "done")}) ==
             "nothing was sent: it waits for job opt-outs, which did not finish");
}

BOOST_AUTO_TEST_CASE(a_job_that_sends_counts_in_this_run_only) {
  project.jobs[0] = job_after("opt-outs", {}, false);
  BOOST_REQUIRE(engine::note_status(*opened, "opt-outs", "failed").ok());
  BOOST_TEST(waits().empty());
  BOOST_TEST(!waits({report("opt-outs", "failed")}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
