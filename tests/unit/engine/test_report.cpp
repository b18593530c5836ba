// The run report: its JSON is a contract with programs, and so is the exit code.
#include <boost/test/unit_test.hpp>

#include "engine/engine.h"
#include "engine/identity.h"

namespace rondom::engine {
namespace {

JobReport job(const std::string& status) {
  JobReport report;
  report.job = status + "-job";
  report.status = status;
  return report;
}

JobReport failed(ErrorCode code) {
  JobReport report = job("failed");
  report.error = Error{code, "why"};
  return report;
}

int exit_code(const std::vector<JobReport>& jobs) {
  RunReport report;
  report.jobs = jobs;
  return report.exit_code();
}

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(the_best_of_a_curve_is_the_middle_of_the_best) {
  const auto best = [](const std::vector<double>& f1) {
    std::vector<CurvePoint> curve(f1.size());
    for (std::size_t i = 0; i < f1.size(); ++i) curve[i].quality.f1 = f1[i];
    return best_of(curve);
  };
  BOOST_TEST(best({0.5}) == 0U);
  BOOST_TEST(best({0.5, 0.9, 0.7}) == 1U);
  BOOST_TEST(best({0.5, 0.9, 0.9, 0.9, 0.7, 0.9}) == 2U);
  BOOST_TEST(best({0.9, 0.9, 0.9, 0.9}) == 1U);
}

BOOST_AUTO_TEST_CASE(warnings_of_a_map_stand_with_their_job) {
  RunReport report;
  report.jobs.push_back(job("done"));
  BOOST_TEST(to_json(report).find("\"warnings\"") == std::string::npos);
  report.jobs.back().warnings = {"jobs/crm.yaml:10: contacts has no field A"};
  BOOST_TEST(to_json(report).find(R"("warnings":["jobs/crm.yaml:10: contacts has no field A"])") !=
             std::string::npos);
  BOOST_TEST(report.exit_code() == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_report_has_every_key) {
  RunReport report;
  report.run = "0192f3c1";
  report.status = "done";
  BOOST_TEST(to_json(report) ==
             R"({"run":"0192f3c1","status":"done","jobs":[],)"
             R"("profiles":{"total":0,"created":0,"changed":0,"merged":0,"split":0,"review":0,)"
             R"("retired":0,"waiting":0,"refused_links":0,"new_owners":0,"generic_identifiers":0},)"
             R"("stages":{},"seconds":0.000,"peak_rss_bytes":0})");
}

BOOST_AUTO_TEST_CASE(a_source_job_counts_its_streams) {
  RunReport report;
  report.status = "guarded";
  JobReport source = job("guarded");
  source.job = "crm \"x\"";
  StreamReport stream;
  stream.stream = "Contact";
  stream.counts = {36, 1, 2, 3, 4, 5, 6, 15, 7};
  stream.note = "refresh not complete";
  source.streams.push_back(stream);
  source.error = Error{ErrorCode::guarded, "Contact would lose 25 of 40 records"};
  source.guard_id = "0a1b2c3d";
  source.seconds = 1.23456;
  report.jobs.push_back(source);
  report.stages.push_back({"map", 0.5});
  const std::string json = to_json(report);
  BOOST_TEST(json.find(R"({"job":"crm \"x\"","status":"guarded","streams":[)"
                       R"({"stream":"Contact","read":36,"new":1,"changed":2,"unchanged":3,)"
                       R"("deleted":4,"stale":5,"filtered":6,"quarantined":15,"tombstoned":7,)"
                       R"("note":"refresh not complete"}],"deliveries":null,)"
                       R"("error":"Contact would lose 25 of 40 records","error_code":"guarded",)"
                       R"("accept":"0a1b2c3d","seconds":1.235})") != std::string::npos);
  BOOST_TEST(json.find(R"("stages":{"map":0.500})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_destination_job_counts_what_it_sent_and_what_not) {
  RunReport report;
  JobReport destination = job("done");
  DeliveryReport deliveries;
  deliveries.created = 1;
  deliveries.adopted = 2;
  deliveries.updated = 3;
  deliveries.removed = 4;
  deliveries.unchanged = 5;
  deliveries.rejected = 6;
  deliveries.retried = 7;
  deliveries.unknown = 8;
  deliveries.withheld = {{"no consent", 9}, {"bounced", 10}};
  deliveries.captured = true;
  deliveries.captured_to = "out/news-*.jsonl";
  destination.deliveries = deliveries;
  report.jobs.push_back(destination);
  report.profiles.total = 11;
  report.profiles.generic.resize(2);
  const std::string json = to_json(report);
  BOOST_TEST(json.find(R"("deliveries":{"created":1,"adopted":2,"updated":3,"removed":4,)"
                       R"("unchanged":5,"rejected":6,"retried":7,"unknown":8,)"
                       R"("withheld":{"bounced":10,"no consent":9},)"
                       R"("captured_to":"out/news-*.jsonl"})") != std::string::npos);
  BOOST_TEST(json.find(R"("total":11)") != std::string::npos);
  BOOST_TEST(json.find(R"("generic_identifiers":2)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_exit_code_is_that_of_the_worst_job) {
  BOOST_TEST(exit_code({}) == 0);
  BOOST_TEST(exit_code({job("done"), job("done")}) == 0);
  BOOST_TEST(exit_code({job("done"), job("partial")}) == 3);
  BOOST_TEST(exit_code({job("partial"), job("guarded")}) == 5);
  BOOST_TEST(exit_code({job("guarded"), failed(ErrorCode::unavailable)}) == 69);
  BOOST_TEST(exit_code({failed(ErrorCode::transient), job("done")}) == 75);
  BOOST_TEST(exit_code({failed(ErrorCode::busy)}) == 75);
  BOOST_TEST(exit_code({failed(ErrorCode::auth)}) == 77);
  BOOST_TEST(exit_code({failed(ErrorCode::bad_config)}) == 78);
  BOOST_TEST(exit_code({failed(ErrorCode::internal)}) == 1);
  // The first failure decides, the others are often its consequence.
  BOOST_TEST(exit_code({failed(ErrorCode::auth), failed(ErrorCode::failure)}) == 77);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_stopped_is_no_success) {
  JobReport cancelled = job("cancelled");
  cancelled.error = Error{ErrorCode::cancelled, "stopped on request"};
  BOOST_TEST(exit_code({job("done"), cancelled}) != 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine
