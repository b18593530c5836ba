// Engine: opening a project, choosing jobs, and what a run says of jobs that cannot begin.
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

const char* const newsletter =
    "job: news\n"
    "destination: mail\n"
    "schedule: { after: [crm] }\n"
    "purpose: news\n"
    "map: { email: .permitted.email }\n";

/// A project whose connectors no plugin offers, not opened yet.
struct Closed {
  Closed() {
    world.change("rondom.yaml",
                 "project: acme\n"
                 "store: { sqlite: var/engine.db }\n"
                 "connections:\n"
                 "  crm: { connector: scripted }\n"
                 "  shop: { connector: scripted }\n"
                 "  mail: { connector: scripted }\n"
                 "purposes:\n"
                 "  news: { channel: email, legal_basis: consent }\n");
    world.change("jobs/news.yaml", newsletter);
  }
  Result<std::unique_ptr<Engine>> open(bool read_only = false) {
    return Engine::open(world.shared_project(), world.surroundings(), read_only);
  }
  World world;
};

BOOST_AUTO_TEST_SUITE(engine_runs)

BOOST_FIXTURE_TEST_CASE(nothing_can_be_read_before_the_first_run, Closed) {
  const auto reader = open(true);
  BOOST_REQUIRE(!reader.ok());
  BOOST_TEST((reader.error().code == ErrorCode::unavailable));
  BOOST_TEST(value_of(open()) != nullptr);
  BOOST_TEST(value_of(open(true)) != nullptr);
}

BOOST_FIXTURE_TEST_CASE(one_engine_at_a_time_writes, Closed) {
  const auto first = value_of(open());
  const auto second = open();
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST((second.error().code == ErrorCode::busy));
  BOOST_TEST(value_of(open(true)) != nullptr);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_job_is_a_slip_of_the_user, Closed) {
  const auto engine = value_of(open());
  RunOptions options;
  options.jobs = {"crmm"};
  const auto report = engine->run(options);
  BOOST_REQUIRE(!report.ok());
  BOOST_TEST((report.error().code == ErrorCode::usage));
  BOOST_TEST(report.error().message == "no job crmm; did you mean crm?");
  BOOST_TEST(value_of(engine->store().runs(10)).empty());
}

BOOST_FIXTURE_TEST_CASE(jobs_fail_one_by_one_and_the_run_is_kept, Closed) {
  const auto engine = value_of(open());
  const RunReport report = value_of(engine->run({}));
  BOOST_TEST(report.status == "failed");
  BOOST_TEST(report.exit_code() == exit_code_for(ErrorCode::bad_config));
  BOOST_REQUIRE(report.jobs.size() == 3);
  BOOST_TEST(report.jobs[0].job == "crm");
  BOOST_TEST(report.jobs[0].status == "failed");
  BOOST_TEST(report.jobs[0].error->message.find("no plugin offers a source connector") !=
             std::string::npos);
  BOOST_TEST(report.jobs[1].job == "shop");
  BOOST_TEST(report.jobs[1].status == "failed");
  // Unsubscribes may be missing, so nothing is sent.
  BOOST_TEST(report.jobs[2].job == "news");
  BOOST_TEST(report.jobs[2].error->message ==
             "nothing was sent: it waits for job crm, which did not finish");

  const auto runs = value_of(engine->store().runs(10));
  BOOST_REQUIRE(runs.size() == 1);
  BOOST_TEST(runs[0].id == report.run);
  BOOST_TEST(runs[0].status == "failed");
  BOOST_TEST(runs[0].report_json == to_json(report));
  BOOST_TEST(runs[0].started_at == world.clock.now());
}

BOOST_FIXTURE_TEST_CASE(chosen_jobs_run_alone, Closed) {
  const auto engine = value_of(open());
  RunOptions options;
  options.jobs = {"shop"};
  const RunReport report = value_of(engine->run(options));
  BOOST_REQUIRE(report.jobs.size() == 1);
  BOOST_TEST(report.jobs[0].job == "shop");
  const RunReport again = value_of(engine->run(options));
  BOOST_TEST(again.run != report.run);
}

BOOST_FIXTURE_TEST_CASE(validate_reports_connectors_that_are_not_there, Closed) {
  config::Diagnostics diagnostics;
  plugin::Inventory inventory;
  validate(world.project(), inventory, diagnostics);
  BOOST_TEST(diagnostics.size() == 3);
  plugin::ConnectorInfo info;
  info.id = "scripted";
  info.spec_json = R"({"properties":{"path":{"type":"string"},"depth":{"type":"integer"}},)"
                   R"("required":["path"]})";
  info.kind = plugin::Kind::source;
  inventory.connectors.push_back(info);
  config::Diagnostics options;
  world.change("rondom.yaml",
               "project: acme\n"
               "connections:\n"
               "  crm: { connector: scripted, config: { path: data, depth: 3 } }\n"
               "  shop: { connector: scripted, config: { paht: data, depth: deep } }\n"
               "  mail: { connector: scripted, config: { path: \"${secret:mail_path}\" } }\n"
               "purposes:\n"
               "  news: { channel: email, legal_basis: consent }\n");
  validate(world.project(), inventory, options);
  std::vector<std::string> lines;
  for (const config::Diagnostic& one : options.errors()) {
    lines.push_back(one.message + (one.hint.empty() ? "" : " (" + one.hint + ")"));
  }
  const std::vector<std::string> expected = {
      "connection shop: option \"depth\" is no integer",
      "connection shop: connector scripted has no option \"paht\" (did you mean path?)",
      "connection shop: option \"path\" is missing", "connector scripted cannot be written to"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
