// ingest when the source, a worker, the store or the user stops it; and how the next read goes on.
#include <stdexcept>

#include "unit/engine/watching_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

std::string unchanging_contact(const std::string& id) {
  return R"({"id":")" + id + R"(","given":"Anna","changed":"2026-01-01T00:00:00Z"})";
}

std::vector<std::string> unchanging_contacts(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(unchanging_contact("c" + std::to_string(i)));
  return all;
}

RunOptions small_batches() {
  RunOptions options;
  options.batch_records = 1;
  return options;
}

std::string state_of_read(World& world, std::string_view stream) {
  FakeSource source;
  require(world.ingest(source).status);
  return source.asked(stream).state_json;
}

BOOST_AUTO_TEST_SUITE(ingest_failures)

BOOST_AUTO_TEST_CASE(what_came_before_a_failure_of_the_source_stays) {
  World world;
  FakeSource source;
  source.records("Contact", unchanging_contacts(5))
      .checkpoint("Contact", "{\"after\":5}")
      .records("Contact", {unchanging_contact("late")})
      .fails({ErrorCode::rate_limited, "slow down", "", 30'000});
  const IngestOutcome outcome = world.ingest(source, small_batches());
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::rate_limited));
  BOOST_TEST(outcome.status.error().message == "slow down");
  BOOST_TEST(outcome.status.error().retry_after_ms == 30'000);
  BOOST_TEST(to_text(outcome.stream("Contact").counts) == "created:6");
  BOOST_TEST(state_of_read(world, "Contact") == "{\"after\":5}");
}

BOOST_AUTO_TEST_CASE(a_source_that_throws_is_a_defect) {
  World world;
  FakeSource source;
  source.records("Contact", unchanging_contacts(2)).then([](plugin::ReadSink&) -> Status {
    throw std::runtime_error("out of range");
  });
  const IngestOutcome outcome = world.ingest(source);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::internal));
  BOOST_TEST(outcome.status.error().message == "reading failed: out of range");
  BOOST_TEST(to_text(outcome.stream("Contact").counts) == "created:2");
}

BOOST_AUTO_TEST_CASE(checkpoints_come_back_to_the_stream_or_to_all) {
  World world;
  FakeSource source;
  source.records("Contact", unchanging_contacts(1)).checkpoint("Contact", "{\"own\":1}");
  source.checkpoint("", "{\"all\":1}");
  require(world.ingest(source).status);
  BOOST_TEST(state_of_read(world, "Contact") == "{\"own\":1}");
  BOOST_TEST(state_of_read(world, "Account") == "{\"all\":1}");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_for_all_streams_may_stand_alone) {
  World world;
  FakeSource source;
  source.begin("Contact", "g1")
      .records("Contact", unchanging_contacts(1))
      .complete("Contact")
      .checkpoint("", "{\"all\":2}");
  require(world.ingest(source).status);
  BOOST_TEST(state_of_read(world, "Contact") == "{\"all\":2}");
  BOOST_TEST(state_of_read(world, "Account") == "{\"all\":2}");

  FakeSource silent;  // nothing new, but the place moved on
  silent.checkpoint("", "{\"all\":3}");
  require(world.ingest(silent).status);
  BOOST_TEST(state_of_read(world, "Contact") == "{\"all\":3}");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_written_with_its_records_or_not_at_all) {
  World world;
  Watch watch;
  watch.before_apply = [](std::size_t n) -> Status {
    if (n == 1) return {ErrorCode::unavailable, "the disk is full"};
    return {};
  };
  WatchingStore store(world.store(), watch);
  FakeSource source;
  source.records("Contact", {unchanging_contact("a")})
      .checkpoint("Contact", "1")
      .records("Contact", {unchanging_contact("b")})
      .checkpoint("Contact", "2")
      .records("Contact", unchanging_contacts(50))
      .silent_until_cancelled();
  const IngestOutcome outcome = world.ingest(source, small_batches(), &store);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST(outcome.status.error().message == "the disk is full");
  BOOST_TEST(source.was_cancelled());
  BOOST_TEST(to_text(outcome.stream("Contact").counts) == "created:1");
  BOOST_TEST(state_of_read(world, "Contact") == "1");
}

BOOST_AUTO_TEST_CASE(a_worker_that_throws_ends_the_read) {
  World world;
  Watch watch;
  watch.at_known = [](std::size_t n) {
    if (n == 1) throw std::runtime_error("bad allocation");
  };
  WatchingStore store(world.store(), watch);
  FakeSource source;
  source.records("Contact", unchanging_contacts(50)).silent_until_cancelled();
  const IngestOutcome outcome = world.ingest(source, small_batches(), &store);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::internal));
  BOOST_TEST(outcome.status.error().message == "a map worker failed: bad allocation");
  BOOST_TEST(source.was_cancelled());
}

BOOST_AUTO_TEST_CASE(a_connector_that_breaks_the_rules_is_stopped) {
  const auto message_of = [](FakeSource& source) {
    World world;
    source.silent_until_cancelled();
    const IngestOutcome outcome = world.ingest(source, small_batches());
    BOOST_REQUIRE(!outcome.status.ok());
    BOOST_TEST((outcome.status.error().code == ErrorCode::internal));
    BOOST_TEST(source.was_cancelled());
    return outcome.status.error().message;
  };
  FakeSource unknown;
  unknown.records("Leads", {unchanging_contact("a"), unchanging_contact("b")});
  BOOST_TEST(message_of(unknown) ==
             "the connector pushed records of a stream that nobody asked for: Leads");
  FakeSource no_begin;
  no_begin.complete("Contact");
  BOOST_TEST(message_of(no_begin) == "the end of a refresh that did not begin: Contact");
  FakeSource strange_refresh;
  strange_refresh.begin("Leads", "g1");
  BOOST_TEST(message_of(strange_refresh) == "a refresh of an unknown stream: Leads");
  FakeSource strange_checkpoint;
  strange_checkpoint.checkpoint("Leads", "1").records("Contact", unchanging_contacts(2));
  BOOST_TEST(message_of(strange_checkpoint) == "a checkpoint for an unknown stream: Leads");
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_heard_between_batches) {
  World world;
  Watch watch;
  WatchingStore store(world.store(), watch);
  FakeSource source;
  source.records("Contact", {unchanging_contact("a")})
      .checkpoint("Contact", "1")
      .records("Contact", {unchanging_contact("b")})
      .then([&](plugin::ReadSink&) -> Status {
        watch.wait_for_applied(1);
        world.cancel.request();
        return {};
      })
      .records("Contact", unchanging_contacts(50));
  const IngestOutcome outcome = world.ingest(source, small_batches(), &store);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::cancelled));
  BOOST_TEST(source.was_cancelled());
  BOOST_TEST(watch.applied().size() == 1);
  const StreamReport& stream = outcome.stream("Contact");
  BOOST_TEST(to_text(stream.counts) == "created:1");
}

BOOST_AUTO_TEST_CASE(a_wish_to_stop_is_heard_while_the_source_is_silent) {
  World world;
  FakeSource source;
  source
      .then([&](plugin::ReadSink&) -> Status {
        world.cancel.request();
        return {};
      })
      .silent_until_cancelled();
  const IngestOutcome outcome = world.ingest(source);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::cancelled));
  BOOST_TEST(source.was_cancelled());
}

BOOST_AUTO_TEST_CASE(a_stream_belongs_to_one_job) {
  World world;
  (void)value_of(world.store().stream("crm", "Contact", "other"));
  FakeSource source;
  const IngestOutcome outcome = world.ingest(source);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::bad_config));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
