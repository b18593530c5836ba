// When a stream is stale.
#include "engine/freshness.h"

#include <boost/test/unit_test.hpp>

namespace rondom::engine::test {
namespace {

constexpr std::int64_t an_hour = 3'600 * microseconds_per_second;

config::Job job_with(const std::string& name,
                     const std::vector<std::pair<const char*, int>>& streams) {
  config::Job job;
  job.name = name;
  job.source.emplace();
  for (const auto& [stream, hours] : streams) {
    config::SourceStream& one = job.source->streams.emplace_back();
    one.stream = stream;
    one.fresh_within = hours * an_hour;
  }
  return job;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(streams_that_grow_old)

BOOST_AUTO_TEST_CASE(a_stream_is_stale_when_its_last_read_is_too_long_ago) {
  ManualClock clock(parse_time("2027-06-01T06:00:00Z").value());
  store::Options options;
  options.sqlite_file = ":memory:";
  const auto store = store::open(options, clock);
  BOOST_REQUIRE(store.ok());
  config::Project project;
  project.jobs = {job_with("crm", {{"contacts", 2}, {"notes", 0}, {"orders", 24}}),
                  job_with("shop", {{"customers", 1}})};
  project.jobs.emplace_back().name = "newsletter";
  const auto stale = [&] {
    std::string names;
    const auto streams = freshness(**store, project, clock.now());
    for (const StreamFreshness& one : *streams) {
      if (one.stale) names += one.job + "." + one.stream + " ";
    }
    return names;
  };
  BOOST_TEST(stale() == "crm.contacts crm.orders shop.customers ");  // never read
  BOOST_REQUIRE(note_read(**store, project.jobs[0], clock.now()).ok());
  BOOST_TEST(stale() == "shop.customers ");
  const Timestamp read_at = clock.now();
  clock.advance(2 * an_hour);
  BOOST_TEST(stale() == "shop.customers ");
  clock.advance(microseconds_per_second);
  BOOST_TEST(stale() == "crm.contacts shop.customers ");
  const auto streams = freshness(**store, project, clock.now()).value();
  BOOST_REQUIRE(streams.size() == 3u);
  BOOST_TEST(*streams[0].last_read == read_at);
  BOOST_TEST(!streams[2].last_read.has_value());
  BOOST_TEST(to_json({streams[0]}) ==
             "[{\"job\":\"crm\",\"stream\":\"contacts\",\"last_read_at\":\"2027-06-01T06:00:00Z\","
             "\"fresh_within_seconds\":7200,\"stale\":true}]");
  BOOST_REQUIRE(note_read(**store, project.jobs[0], clock.now()).ok());
  BOOST_TEST(stale() == "shop.customers ");
  BOOST_REQUIRE((*store)->put_value("last_read/crm", "not what we wrote").ok());
  BOOST_TEST(stale() == "crm.contacts crm.orders shop.customers ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::engine::test
