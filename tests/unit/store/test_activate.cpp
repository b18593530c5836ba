// Deliveries, dead letters, withheld profiles, runs and small values.
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::DeliveryState;

namespace {

store::Delivery delivery(store::ProfileId profile, DeliveryState state, std::string fields = "f") {
  store::Delivery made;
  made.profile = profile;
  made.state = state;
  made.remote_id = "remote-" + std::to_string(profile);
  made.fields = std::move(fields);
  made.pending = "p";
  made.action = "update";
  made.mapping_fingerprint = ~0ull;
  made.operation_id = "op-" + std::to_string(profile);
  made.session = "s";
  made.attempts = 2;
  made.next_at = 77;
  made.consent = "granted";
  made.key = "uid";
  return made;
}

std::vector<store::ProfileId> in_state(Project& project, DeliveryState state,
                                       store::ProfileId after = 0, std::size_t count = 10) {
  std::vector<store::ProfileId> ids;
  for (const auto& one :
       value_of(project.store().deliveries_in("mail/send", state, after, count))) {
    BOOST_TEST((one.state == state));
    ids.push_back(one.profile);
  }
  return ids;
}

using Ids = std::vector<store::ProfileId>;

}  // namespace

BOOST_AUTO_TEST_SUITE(activate)

STORE_TEST(deliveries_move_between_states) {
  BOOST_TEST(value_of(project.store().mark("mail/send")) == 0);
  BOOST_TEST(value_of(project.store().delivered_count("mail/send")) == 0);
  store::DeliveryBatch batch, next;
  batch.destination = next.destination = "mail/send";
  batch.upserts = {delivery(1, DeliveryState::in_flight, ""), delivery(2, DeliveryState::in_flight),
                   delivery(3, DeliveryState::unknown), delivery(4, DeliveryState::acknowledged)};
  require(project.store().apply(batch));
  project.reopen();
  BOOST_TEST(in_state(project, DeliveryState::in_flight) == (Ids{1, 2}));
  BOOST_TEST(in_state(project, DeliveryState::in_flight, 1) == (Ids{2}));
  BOOST_TEST(in_state(project, DeliveryState::in_flight, 0, 1) == (Ids{1}));
  BOOST_TEST(in_state(project, DeliveryState::unknown) == (Ids{3}));
  BOOST_TEST(in_state(project, DeliveryState::acknowledged) == (Ids{4}));
  BOOST_TEST(value_of(project.store().delivered_count("mail/send")) == 3);
  const store::ProfileId wanted[] = {1, 2, 9};
  const auto found = value_of(project.store().deliveries("mail/send", wanted));
  BOOST_REQUIRE(found.size() == 2u);
  const auto& second = found[1];
  BOOST_TEST(second.remote_id == "remote-2");
  BOOST_TEST(second.fields == "f");
  BOOST_TEST(second.pending == "p");
  BOOST_TEST(second.action == "update");
  BOOST_TEST(second.mapping_fingerprint == ~0ull);
  BOOST_TEST(second.operation_id == "op-2");
  BOOST_TEST(second.session == "s");
  BOOST_TEST(second.attempts == 2);
  BOOST_TEST(second.next_at == 77);
  BOOST_TEST(second.consent == "granted");
  BOOST_TEST(second.key == "uid");
  BOOST_TEST(value_of(project.store().deliveries("mail/capture", wanted)).empty());
  next.upserts = {delivery(1, DeliveryState::acknowledged), delivery(2, DeliveryState::dead, "")};
  next.erased = {3, 4};
  next.mark = 42;
  require(project.store().apply(next));
  BOOST_TEST(in_state(project, DeliveryState::in_flight).empty());
  BOOST_TEST(in_state(project, DeliveryState::acknowledged) == (Ids{1}));
  BOOST_TEST(in_state(project, DeliveryState::unknown).empty());
  BOOST_TEST(value_of(project.store().delivered_count("mail/send")) == 1);
  project.reopen();
  BOOST_TEST(value_of(project.store().mark("mail/send")) == 42);
}

STORE_TEST(dead_letters_are_redriven) {
  store::DeliveryBatch batch, other;
  batch.destination = "mail/send";
  batch.run = "run-1";
  batch.upserts = {delivery(1, DeliveryState::dead), delivery(2, DeliveryState::dead)};
  batch.dead_letters = {{0, "", 1, "op-1", "create", "no such list", "run-1", "{}"},
                        {0, "", 2, "op-2", "update", "bad value", "", "{\"a\":1}"}};
  require(project.store().apply(batch));
  other.destination = "ads/send";
  other.dead_letters = {{0, "", 1, "op-9", "create", "x", "run-1", "{}"}};
  require(project.store().apply(other));
  const auto letters = value_of(project.store().dead_letters("mail/send", 0, 10));
  BOOST_REQUIRE(letters.size() == 2u);
  BOOST_TEST(letters[1].destination == "mail/send");
  BOOST_TEST(letters[1].json == "{\"a\":1}");
  BOOST_TEST(letters[1].run == "run-1");
  BOOST_TEST(value_of(project.store().dead_letters("", 0, 10)).size() == 3u);
  BOOST_TEST(value_of(project.store().dead_letters("mail/send", letters[0].id, 10)).size() == 1u);
  const std::int64_t ids[] = {letters[1].id};
  require(project.store().redrive(ids));
  BOOST_TEST(value_of(project.store().dead_letters("mail/send", 0, 10)).size() == 1u);
  BOOST_TEST(in_state(project, DeliveryState::dead) == (Ids{1}));
  const auto again =
      value_of(project.store().deliveries_in("mail/send", DeliveryState::retry, 0, 10));
  BOOST_REQUIRE(again.size() == 1u);
  BOOST_TEST(again[0].profile == 2);
  BOOST_TEST(again[0].attempts == 0);
  BOOST_TEST(again[0].next_at == no_time);
  BOOST_TEST(value_of(project.store().totals()).dead_letters == 2);
}

STORE_TEST(the_latest_reason_for_withholding_is_on_record) {
  store::DeliveryBatch batch, next;
  batch.destination = next.destination = "mail/send";
  batch.withheld = {{1, "no consent"}, {2, "deceased"}};
  require(project.store().apply(batch));
  next.withheld = {{1, "bounced"}};
  next.no_longer_withheld = {2};
  require(project.store().apply(next));
  const auto withheld = value_of(project.store().withheld("mail/send", 0, 10));
  BOOST_REQUIRE(withheld.size() == 1u);
  BOOST_TEST(withheld[0].reason == "bounced");
  BOOST_TEST(value_of(project.store().withheld("mail/send", 1, 10)).empty());
}

STORE_TEST(runs_come_newest_first) {
  apply(project, Batch(project.stream(), "run-0").mapped("1", 1, "Anna"));
  BOOST_TEST(value_of(project.store().runs(10)).empty());
  require(project.store().put_run({"run-1", 10, no_time, "running", "{}"}));
  require(project.store().put_run({"run-2", 20, no_time, "running", "{}"}));
  require(project.store().put_run({"run-1", 10, 15, "done", "{\"ok\":true}"}));
  const auto runs = value_of(project.store().runs(10));
  BOOST_REQUIRE(runs.size() == 2u);
  BOOST_TEST(runs[0].id == "run-2");
  BOOST_TEST(runs[0].ended_at == no_time);
  BOOST_TEST(runs[1].status == "done");
  BOOST_TEST(runs[1].report_json == "{\"ok\":true}");
  BOOST_TEST(value_of(project.store().runs(1)).size() == 1u);
}

STORE_TEST(runs_are_read_on_from_one_of_them) {
  require(project.store().put_run({"run-1", 10, no_time, "running", ""}));
  apply(project, Batch(project.stream(), "named-only").mapped("1", 1, "Anna"));
  for (int i = 2; i < 600; ++i) {  // more than are read at a time
    require(project.store().put_run({"run-" + std::to_string(i), i, i, "done", "{}"}));
  }
  require(project.store().put_run({"run-1", 10, 15, "failed", "{}"}));  // keeps its place
  const auto some = value_of(project.store().runs_after("run-1", 3));
  BOOST_REQUIRE(some.size() == 3u);
  BOOST_TEST(some[0].id == "run-2");
  BOOST_TEST(some[2].id == "run-4");
  BOOST_TEST(value_of(project.store().runs_after("run-2", 1'000)).size() == 597u);
  BOOST_TEST(value_of(project.store().runs_after("run-599", 10)).empty());
  BOOST_TEST((project.store().runs_after("run-600", 10).error().code == ErrorCode::usage));
}

STORE_TEST(small_values_are_kept) {
  BOOST_TEST(!value_of(project.store().value("key")).has_value());
  require(project.store().put_value("key", std::string_view("a\0b", 3)));
  require(project.store().put_value("empty", ""));
  project.reopen();
  BOOST_TEST(*value_of(project.store().value("key")) == std::string("a\0b", 3));
  BOOST_TEST(value_of(project.store().value("empty"))->empty());
}

STORE_TEST(totals_add_up) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna").mapped("2", 10, "Bram").refused("3", "bad"));
  apply(project, Batch(stream).row(store::RowKind::removed, "2", 20, "gone"));
  const auto totals = value_of(project.store().totals());
  BOOST_TEST(totals.records == 2);
  BOOST_TEST(totals.live_records == 1);
  BOOST_TEST(totals.dirty_records == 2);
  BOOST_TEST(totals.quarantined == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
