// ingest: what becomes of each record, in any order and with any number of threads.
#include <algorithm>
#include <random>

#include "unit/engine/watching_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

std::string contact(const std::string& id, const std::string& given, int day,
                    const std::string& more = "") {
  return R"({"id":")" + id + R"(","given":")" + given + R"(","email":")" + id +
         R"(@example.com","changed":"2026-01-)" + (day < 10 ? "0" : "") + std::to_string(day) +
         R"(T00:00:00Z")" + more + "}";
}

std::vector<std::string> contacts(int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(contact("c" + std::to_string(i), "Anna", 1));
  return all;
}

std::string counts_of(const IngestOutcome& outcome, std::string_view stream = "Contact") {
  require(outcome.status);
  return to_text(outcome.stream(stream).counts);
}

std::string read(World& world, FakeSource& source, const RunOptions& options = {}) {
  return counts_of(world.ingest(source, options));
}

/// Given name of the live record with this key, "withdrawn" or "unknown".
std::string state_of(World& world, const std::string& key) {
  const store::StreamId stream = value_of(world.store().stream("crm", "Contact", "crm")).id;
  const auto id = value_of(world.store().find_record(stream, Entity::person, key));
  if (!id.has_value()) return "unknown";
  const store::RecordId ids[] = {*id};
  const auto records = value_of(world.store().records(ids));
  BOOST_REQUIRE(records.size() == 1);
  if (!records[0].live) return "withdrawn";
  return std::string(first_value(records[0].canonical, attribute::name_given));
}

bool refresh_is_open(World& world) {
  const store::StreamId stream = value_of(world.store().stream("crm", "Contact", "crm")).id;
  return value_of(world.store().unfinished_refresh(stream)).has_value();
}

BOOST_AUTO_TEST_SUITE(ingest)

BOOST_AUTO_TEST_CASE(every_row_is_counted_once) {
  World world;
  FakeSource first;
  first
      .records("Contact",
               {contact("a", "Anna", 1), contact("b", "Bram", 1), contact("c", "Cas", 1),
                contact("d", "Daan", 5), contact("e", "Eva", 1, R"(,"kind":"test")"),
                contact("f", "Fleur", 1, R"(,"birth":"31-31-1999")"), R"({"given":"no key"})"})
      .unreadable("Contact", "{\"id\":", "line 8 is no JSON");
  BOOST_TEST(read(world, first) == "created:4 filtered:1 quarantined:3");

  world.run = "run-2";
  FakeSource second;
  second
      .records("Contact",
               {contact("a", "Anna", 1), contact("b", "Bruno", 2), contact("d", "Dirk", 4)})
      .removed("Contact", R"({"id":"c"})", value_of(parse_time("2026-01-09")));
  BOOST_TEST(read(world, second) == "changed:1 unchanged:1 removed:1 stale:1");
  BOOST_TEST(state_of(world, "a") == "Anna");
  BOOST_TEST(state_of(world, "b") == "Bruno");
  BOOST_TEST(state_of(world, "c") == "withdrawn");
  BOOST_TEST(state_of(world, "d") == "Daan");
  BOOST_TEST(state_of(world, "e") == "unknown");
  world.verify();
}

BOOST_AUTO_TEST_CASE(refused_rows_say_where_and_why) {
  World world;
  FakeSource source;
  source.records("Contact", {contact("f", "Fleur", 1, R"(,"birth":"31-31-1999")")})
      .unreadable("Contact", "{\"id\":", "line 8 is no JSON");
  BOOST_TEST(read(world, source) == "quarantined:2");
  auto entries = value_of(world.store().quarantine("crm", 0, 10));
  BOOST_REQUIRE(entries.size() == 2);
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.stage > b.stage; });
  BOOST_TEST(entries[0].stage == "normalize");
  BOOST_TEST(entries[0].key == "f");
  BOOST_TEST(entries[0].reason == "birth_date is no date");
  BOOST_TEST(entries[0].origin == "contacts.jsonl");
  BOOST_TEST(entries[0].position == 1);
  BOOST_TEST(entries[1].stage == "extract");
  BOOST_TEST(entries[1].key == "");
  BOOST_TEST(entries[1].reason == "line 8 is no JSON");
  BOOST_TEST(entries[1].raw == "{\"id\":");
  BOOST_TEST(entries[1].position == 7);
}

BOOST_AUTO_TEST_CASE(unchanged_rows_are_not_mapped) {
  World world;
  FakeSource first;
  first.records("Contact", {contact("a", "Anna", 1), contact("b", "Bram", 1)});
  BOOST_TEST(read(world, first) == "created:2");

  const auto again = [&] {
    Watch watch;
    WatchingStore store(world.store(), watch);
    FakeSource source;
    source.records("Contact", {contact("a", "Anna", 1), contact("b", "Bruno", 2)});
    (void)counts_of(world.ingest(source, {}, &store));
    BOOST_REQUIRE(watch.applied().size() == 1);
    return watch.applied()[0];
  };
  BOOST_TEST(again() == "a:unchanged b:mapped");
  BOOST_TEST(again() == "a:unchanged b:unchanged");

  // Another map may make another record of the same row.
  world.change("jobs/crm.yaml",
               "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    entity: person\n"
               "    key: .id\n    cursor: .changed\n    map: { name.given: .given }\n");
  BOOST_TEST(again() == "a:mapped b:mapped");
  BOOST_TEST(again() == "a:unchanged b:unchanged");
}

BOOST_AUTO_TEST_CASE(a_key_twice_in_a_batch_is_mapped_both_times) {
  World world;
  FakeSource first;
  first.records("Contact", {contact("a", "Anna", 1)});
  BOOST_TEST(read(world, first) == "created:1");
  Watch watch;
  WatchingStore store(world.store(), watch);
  FakeSource source;
  source.records("Contact", {contact("a", "Anna", 1), contact("a", "Anne", 2)});
  BOOST_TEST(counts_of(world.ingest(source, {}, &store)) == "changed:1 unchanged:1");
  BOOST_TEST(watch.applied()[0] == "a:mapped a:mapped");
  BOOST_TEST(state_of(world, "a") == "Anne");
}

BOOST_AUTO_TEST_CASE(an_unchanged_row_is_mapped_when_a_batch_in_flight_touches_its_key) {
  World world;
  FakeSource first;
  first.records("Contact", {contact("a", "Anna", 1), contact("b", "Bram", 1)});
  BOOST_TEST(read(world, first) == "created:2");

  Watch watch;
  // The second batch asks what is known before the first one is written.
  watch.before_apply = [&](std::size_t n) -> Status {
    if (n == 0) watch.wait_for_known(2);
    return {};
  };
  WatchingStore store(world.store(), watch);
  RunOptions options;
  options.threads = 2;
  options.batch_records = 2;
  FakeSource source;
  source.records("Contact", {contact("a", "Anne", 2), contact("z", "Zoë", 1),
                             contact("a", "Anna", 1), contact("b", "Bram", 1)});
  BOOST_TEST(counts_of(world.ingest(source, options, &store)) ==
             "created:1 changed:1 unchanged:1 stale:1");
  const std::vector<std::string> expected = {"a:mapped z:mapped", "a:mapped b:unchanged"};
  BOOST_TEST(watch.applied() == expected, boost::test_tools::per_element());
  BOOST_TEST(state_of(world, "a") == "Anne");
}

BOOST_AUTO_TEST_CASE(an_unchanged_row_is_mapped_when_a_removal_in_flight_touches_its_key) {
  World world;
  FakeSource first;
  first.records("Contact", {contact("a", "Anna", 1)});
  BOOST_TEST(read(world, first) == "created:1");
  Watch watch;
  watch.before_apply = [&](std::size_t n) -> Status {
    if (n == 0) watch.wait_for_known(2);
    return {};
  };
  WatchingStore store(world.store(), watch);
  RunOptions options;
  options.batch_records = 1;
  FakeSource source;
  source.removed("Contact", R"({"id":"a"})", value_of(parse_time("2026-02-01")))
      .records("Contact", {contact("a", "Anna", 1)});
  BOOST_TEST(counts_of(world.ingest(source, options, &store)) == "removed:1 stale:1");
  const std::vector<std::string> expected = {"a:removed", "a:mapped"};
  BOOST_TEST(watch.applied() == expected, boost::test_tools::per_element());
  BOOST_TEST(state_of(world, "a") == "withdrawn");
}

BOOST_AUTO_TEST_CASE(threads_and_batches_change_nothing) {
  constexpr unsigned seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice(seed);
  std::vector<std::string> rows;
  for (int i = 0; i < 300; ++i) {
    const std::string id = "c" + std::to_string(dice() % 120);
    const int day = 1 + static_cast<int>(dice() % 20);
    // One content a day, so that no two copies contradict each other.
    rows.push_back(contact(id, "Anna" + std::string(static_cast<std::size_t>(day), 'a'), day,
                           dice() % 15 == 0 ? R"(,"birth":"yesterday")" : ""));
  }
  std::vector<std::string> expected;
  for (const std::size_t threads : {1u, 2u, 5u}) {
    for (const std::size_t batch : {1u, 7u, 1'000u}) {
      World world;
      std::shuffle(rows.begin(), rows.end(), dice);
      for (const std::size_t part : {0u, 1u}) {  // the second time nearly all of it is known
        FakeSource source;
        source.records("Contact", part == 0
                                      ? std::vector<std::string>(rows.begin(), rows.begin() + 200)
                                      : rows);
        RunOptions options;
        options.threads = threads;
        options.batch_records = batch;
        (void)read(world, source, options);
      }
      world.unify();
      world.verify();
      if (expected.empty()) expected = world.exported();
      BOOST_TEST(expected.size() > 100);
      BOOST_TEST((world.exported() == expected),
                 "threads " << threads << ", batch " << batch << ", seed " << seed);
    }
  }
}

BOOST_AUTO_TEST_CASE(streams_are_reported_apart) {
  World world;
  FakeSource source;
  source.records("Account", {R"({"id":"1","name":"Acme"})"})
      .records("Contact", {contact("a", "Anna", 1), contact("b", "Bram", 1)})
      .records("Account", {R"({"id":"2","name":"Globex"})"});
  const IngestOutcome outcome = world.ingest(source);
  BOOST_TEST(counts_of(outcome, "Account") == "created:2");
  BOOST_TEST(counts_of(outcome, "Contact") == "created:2");
  BOOST_TEST(outcome.report.streams.size() == 2);
}

// ── full refreshes ─────────────────────────────────────────────────────────────────────────────

BOOST_AUTO_TEST_CASE(a_complete_refresh_tombstones_what_it_did_not_show) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(3)).complete("Contact");
  const IngestOutcome created = world.ingest(first);
  BOOST_TEST(counts_of(created) == "created:3");
  BOOST_TEST(created.stream("Contact").refresh_complete);
  BOOST_TEST(!created.stream("Account").refresh_complete);

  FakeSource second;
  second.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 1), contact("c2", "Anne", 2)})
      .complete("Contact");
  BOOST_TEST(read(world, second) == "changed:1 unchanged:1 tombstoned:1");
  BOOST_TEST(state_of(world, "c1") == "withdrawn");
  BOOST_TEST(state_of(world, "c0") == "Anna");
  BOOST_TEST(!refresh_is_open(world));

  FakeSource third;  // it came back
  third.begin("Contact", "g3").records("Contact", contacts(2)).complete("Contact");
  BOOST_TEST(read(world, third) == "changed:1 unchanged:1 tombstoned:1");
  BOOST_TEST(state_of(world, "c1") == "Anna");
  BOOST_TEST(state_of(world, "c2") == "withdrawn");
  world.verify();
}

BOOST_AUTO_TEST_CASE(a_refresh_that_breaks_off_tombstones_nothing_and_goes_on) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(4)).complete("Contact");
  BOOST_TEST(read(world, first) == "created:4");

  FakeSource broken;
  broken.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 1), contact("c1", "Anna", 1)})
      .checkpoint("Contact", "{\"at\":2}")
      .fails({ErrorCode::transient, "the line broke"});
  const IngestOutcome outcome = world.ingest(broken);
  BOOST_REQUIRE(!outcome.status.ok());
  BOOST_TEST((outcome.status.error().code == ErrorCode::transient));
  BOOST_TEST(to_text(outcome.stream("Contact").counts) == "unchanged:2");
  BOOST_TEST(!outcome.stream("Contact").refresh_complete);
  BOOST_TEST(state_of(world, "c3") == "Anna");

  FakeSource rest;  // what was seen before the break still counts as seen
  rest.begin("Contact", "g2").records("Contact", {contact("c2", "Anna", 1)}).complete("Contact");
  BOOST_TEST(read(world, rest) == "unchanged:1 tombstoned:1");
  BOOST_TEST(rest.asked("Contact").state_json == "{\"at\":2}");
  BOOST_TEST(rest.asked("Contact").generation == "g2");
  BOOST_TEST(rest.asked("Account").state_json == "");
  BOOST_TEST(rest.asked("Account").generation == "");
  BOOST_TEST(state_of(world, "c0") == "Anna");
  BOOST_TEST(state_of(world, "c3") == "withdrawn");
}

BOOST_AUTO_TEST_CASE(a_refresh_may_go_on_without_beginning_again) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(3)).complete("Contact");
  BOOST_TEST(read(world, first) == "created:3");
  FakeSource broken;
  broken.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 1)})
      .fails({ErrorCode::transient, "the line broke"});
  BOOST_TEST(!world.ingest(broken).status.ok());
  FakeSource rest;
  rest.records("Contact", {contact("c1", "Anna", 1)}).complete("Contact");
  BOOST_TEST(read(world, rest) == "unchanged:1 tombstoned:1");
  BOOST_TEST(state_of(world, "c2") == "withdrawn");
}

BOOST_AUTO_TEST_CASE(a_new_refresh_in_place_of_a_broken_one_starts_anew) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(3)).complete("Contact");
  BOOST_TEST(read(world, first) == "created:3");
  FakeSource broken;
  broken.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 1)})
      .fails({ErrorCode::transient, "the line broke"});
  BOOST_TEST(!world.ingest(broken).status.ok());
  FakeSource anew;
  anew.begin("Contact", "g3")
      .records("Contact", {contact("c1", "Anna", 1), contact("c2", "Anna", 1)})
      .complete("Contact");
  BOOST_TEST(read(world, anew) == "unchanged:2 tombstoned:1");
  BOOST_TEST(state_of(world, "c0") == "withdrawn");
}

BOOST_AUTO_TEST_CASE(a_row_without_a_key_makes_a_refresh_incomplete) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(3)).complete("Contact");
  BOOST_TEST(read(world, first) == "created:3");
  FakeSource second;
  second.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 1), R"({"given":"who?"})"})
      .complete("Contact")
      .records("Contact", {contact("c9", "Noor", 3)})
      .checkpoint("Contact", "done");
  const IngestOutcome outcome = world.ingest(second);
  BOOST_TEST(counts_of(outcome) == "created:1 unchanged:1 quarantined:1");
  BOOST_TEST(!outcome.stream("Contact").refresh_complete);
  BOOST_TEST(outcome.stream("Contact").note.starts_with("refresh not complete"));
  BOOST_TEST(state_of(world, "c1") == "Anna");
  // It is over all the same: the next read is not asked to go on with it.
  BOOST_TEST(!refresh_is_open(world));
  FakeSource third;
  third.begin("Contact", "g2").records("Contact", {contact("c0", "Anna", 1)}).complete("Contact");
  const IngestOutcome repaired = world.ingest(third);
  BOOST_TEST(third.asked("Contact").generation == "");
  BOOST_TEST(repaired.stream("Contact").note == "");
  BOOST_TEST(counts_of(repaired) == "unchanged:1 tombstoned:3");
}

BOOST_AUTO_TEST_CASE(a_refused_row_with_a_key_is_seen) {
  World world;
  FakeSource first;
  first.begin("Contact", "g1").records("Contact", contacts(2)).complete("Contact");
  BOOST_TEST(read(world, first) == "created:2");
  FakeSource second;
  second.begin("Contact", "g2")
      .records("Contact", {contact("c0", "Anna", 2, R"(,"birth":"yesterday")")})
      .complete("Contact");
  BOOST_TEST(read(world, second) == "quarantined:1 tombstoned:1");
  BOOST_TEST(state_of(world, "c0") == "Anna");  // the version before stays
  BOOST_TEST(state_of(world, "c1") == "withdrawn");
}

// ── the guard ──────────────────────────────────────────────────────────────────────────────────

IngestOutcome refresh(World& world, const std::string& generation, int count,
                      const std::vector<std::string>& accepted = {}) {
  RunOptions options;
  options.accepted_guards = accepted;
  FakeSource source;
  source.begin("Contact", generation).records("Contact", contacts(count)).complete("Contact");
  return world.ingest(source, options);
}

BOOST_AUTO_TEST_CASE(losing_many_records_at_once_needs_a_yes) {
  World world;
  require(refresh(world, "g1", 40).status);
  const IngestOutcome stopped = refresh(world, "g2", 15);
  BOOST_REQUIRE(!stopped.status.ok());
  BOOST_TEST((stopped.status.error().code == ErrorCode::guarded));
  const std::string id = stopped.report.guard_id;
  BOOST_TEST(id.size() == 8);
  const std::string& message = stopped.status.error().message;
  BOOST_TEST(message.find("would lose 25 of 40 records, 62.5 % (limit 10.0 %)") !=
             std::string::npos);
  BOOST_TEST(message.find("--accept " + id) != std::string::npos);
  BOOST_TEST(to_text(stopped.stream("Contact").counts) == "unchanged:15");
  BOOST_TEST(state_of(world, "c39") == "Anna");

  // The same loss has the same name the next time, in whatever refresh it is found.
  BOOST_TEST(refresh(world, "g3", 15).report.guard_id == id);
  BOOST_TEST(refresh(world, "g3", 15, {"00000000"}).report.guard_id == id);
  // A yes to that loss is none to a larger one.
  const IngestOutcome larger = refresh(world, "g4", 10, {id});
  BOOST_TEST(!larger.status.ok());
  BOOST_TEST(larger.report.guard_id != id);
  const IngestOutcome accepted = refresh(world, "g5", 15, {id});
  BOOST_TEST(counts_of(accepted) == "unchanged:15 tombstoned:25");
  BOOST_TEST(accepted.report.guard_id == "");
  BOOST_TEST(state_of(world, "c39") == "withdrawn");
}

BOOST_AUTO_TEST_CASE(losing_everything_is_never_free) {
  for (const int records : {1, 20}) {
    World world;
    require(refresh(world, "g1", records).status);
    const auto emptied = refresh(world, "g2", 0);
    BOOST_REQUIRE(!emptied.status.ok());
    BOOST_TEST((emptied.status.error().code == ErrorCode::guarded));
    BOOST_TEST(counts_of(refresh(world, "g3", records)) == "unchanged:" + std::to_string(records));
  }
}

BOOST_AUTO_TEST_CASE(losing_few_records_or_a_small_share_needs_none) {
  World few;
  require(refresh(few, "g1", 21).status);
  BOOST_TEST(counts_of(refresh(few, "g2", 1)) == "unchanged:1 tombstoned:20");  // the floor
  World small_share;
  require(refresh(small_share, "g1", 210).status);
  BOOST_TEST(counts_of(refresh(small_share, "g2", 189)) == "unchanged:189 tombstoned:21");
}

BOOST_AUTO_TEST_CASE(an_abandoned_refresh_leaves_no_version_to_return_to) {
  World world;
  FakeSource cut_off;
  cut_off.begin("Contact", "g1")
      .records("Contact", {contact("a", "Anna", 1)})
      .fails({ErrorCode::unavailable, "gone"});
  BOOST_TEST(!world.ingest(cut_off).status.ok());
  BOOST_TEST(state_of(world, "a") == "Anna");
  world.run = "run-2";
  RunOptions one_by_one;
  one_by_one.batch_records = 1;
  FakeSource again;
  again.begin("Contact", "g2")
      .records("Contact", {contact("a", "Anna", 1)})
      .records("Contact", {contact("a", "Iemand", 1)})
      .complete("Contact");
  require(world.ingest(again, one_by_one).status);
  BOOST_TEST(state_of(world, "a") == "withdrawn");
  // One that a completed refresh had seen alone does stay.
  World kept;
  FakeSource whole;
  whole.begin("Contact", "g1").records("Contact", {contact("a", "Anna", 1)}).complete("Contact");
  require(kept.ingest(whole).status);
  kept.run = "run-2";
  FakeSource twice;
  twice.begin("Contact", "g2")
      .records("Contact", {contact("a", "Anna", 1)})
      .records("Contact", {contact("a", "Iemand", 1)})
      .complete("Contact");
  require(kept.ingest(twice, one_by_one).status);
  BOOST_TEST(state_of(kept, "a") == "Anna");
  world.verify();
  kept.verify();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
