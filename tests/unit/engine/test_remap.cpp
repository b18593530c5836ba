// remap: kept records under a new map, without the source.
#include "unit/engine/forwarding_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

std::string contact(const std::string& id, const std::string& given, int day,
                    const std::string& more = "") {
  return R"({"id":")" + id + R"(","given":")" + given + R"(","changed":"2026-01-0)" +
         std::to_string(day) + R"(T00:00:00Z","seen":"2026-02-0)" + std::to_string(9 - day) +
         R"(T00:00:00Z")" + more + "}";
}

/// The job with other lines in place of the map's first one, its cursor and its condition.
std::string job_with(const std::string& given, const std::string& cursor = ".changed",
                     const std::string& when = ".kind == null", const std::string& more = "") {
  return "job: crm\nsource: crm\nstreams:\n  - stream: Contact\n    entity: person\n    key: .id\n"
         "    cursor: " +
         cursor + "\n    when: " + when + "\n" + more + "    map:\n      name.given: " + given +
         "\n  - stream: Account\n    entity: organization\n    key: .id\n    map: { name: .name "
         "}\n";
}

std::string given_of(World& world, const std::string& key) {
  const store::StreamId stream = value_of(world.store().stream("crm", "Contact", "crm")).id;
  const auto id = value_of(world.store().find_record(stream, Entity::person, key));
  if (!id.has_value()) return "unknown";
  const store::RecordId ids[] = {*id};
  const auto records = value_of(world.store().records(ids));
  BOOST_REQUIRE(records.size() == 1);
  if (!records[0].live) return "withdrawn";
  return std::string(first_value(records[0].canonical, attribute::name_given));
}

std::string remapped(const IngestOutcome& outcome) {
  require(outcome.status);
  std::string text;
  for (const RemapReport& one : outcome.report.remapped) {
    text += one.stream + " " + std::to_string(one.records) + " changed " +
            std::to_string(one.changed) + " filtered " + std::to_string(one.filtered) +
            " refused " + std::to_string(one.refused) + " not kept " +
            std::to_string(one.not_kept) + ";";
  }
  return text;
}

void read(World& world, std::vector<std::string> records) {
  FakeSource source;
  source.records("Contact", std::move(records));
  require(world.ingest(source).status);
}

BOOST_AUTO_TEST_SUITE(remap)

BOOST_AUTO_TEST_CASE(a_new_map_reaches_what_the_source_does_not_send_again) {
  World world({{"jobs/crm.yaml", job_with(".given")}});
  read(world, {contact("a", "Anna", 1), contact("b", "Bram", 1), contact("c", "Cas", 1)});
  BOOST_TEST(remapped(world.remap()) == "");
  world.change("jobs/crm.yaml", job_with("{ const: Iemand }"));
  world.run = "run-2";
  BOOST_TEST(remapped(world.remap()) == "Contact 3 changed 3 filtered 0 refused 0 not kept 0;");
  BOOST_TEST(given_of(world, "a") == "Iemand");
  BOOST_TEST(given_of(world, "c") == "Iemand");
  BOOST_TEST(value_of(world.store().dirty_count()) == 3);
  BOOST_TEST(remapped(world.remap()) == "");
  world.verify();
}

BOOST_AUTO_TEST_CASE(it_equals_reading_everything_again) {
  const std::vector<std::string> records = {
      contact("a", "Anna", 1), contact("b", "Bram", 2, R"(,"kind":"test")"),
      contact("c", "Cas", 3, R"(,"nick":"C")"), contact("d", "Daan", 4, R"(,"nick":"D")")};
  const std::string later =
      job_with("{ from: .nick, values: { C: Casper }, else: .given }", ".seen", ".id != \"d\"");
  World kept({{"jobs/crm.yaml", job_with(".given", ".changed", "true")}});
  read(kept, records);
  kept.change("jobs/crm.yaml", later);
  kept.run = "run-2";
  BOOST_TEST(remapped(kept.remap()) == "Contact 4 changed 3 filtered 1 refused 0 not kept 0;");
  World fresh({{"jobs/crm.yaml", later}});
  read(fresh, records);
  kept.unify();
  fresh.unify();
  BOOST_TEST(kept.exported() == fresh.exported(), boost::test_tools::per_element());
  kept.verify();
}

BOOST_AUTO_TEST_CASE(the_time_of_a_version_moves_with_the_map) {
  World world({{"jobs/crm.yaml", job_with(".given")}});
  read(world, {contact("a", "Anna", 1)});
  world.change("jobs/crm.yaml", job_with(".given", ".seen"));
  world.run = "run-2";
  require(world.remap().status);
  // Seen on 8 February: what was seen on the 2nd is older, though it changed later.
  read(world, {contact("a", "Oud", 7)});
  BOOST_TEST(given_of(world, "a") == "Anna");
  world.verify();
}

BOOST_AUTO_TEST_CASE(a_row_that_the_new_map_refuses_keeps_its_last_version) {
  World world({{"jobs/crm.yaml", job_with(".given")}});
  read(world, {contact("a", "Anna", 1), contact("b", "Bram", 1, R"(,"nick":"Bo")")});
  world.change("jobs/crm.yaml", job_with("{ value: .nick, required: true }"));
  world.run = "run-2";
  BOOST_TEST(remapped(world.remap()) == "Contact 2 changed 1 filtered 0 refused 1 not kept 0;");
  BOOST_TEST(given_of(world, "a") == "Anna");
  BOOST_TEST(given_of(world, "b") == "Bo");
  BOOST_TEST(value_of(world.store().quarantine("crm", 0, 10)).size() == 1u);
  world.verify();
}

BOOST_AUTO_TEST_CASE(what_was_not_kept_is_counted_and_waits) {
  World world({{"jobs/crm.yaml", job_with(".given", ".changed", "true", "    keep_raw: false\n")}});
  read(world, {contact("a", "Anna", 1)});
  world.change("jobs/crm.yaml",
               job_with("{ const: Xander }", ".changed", "true", "    keep_raw: false\n"));
  world.run = "run-2";
  BOOST_TEST(remapped(world.remap()) == "Contact 0 changed 0 filtered 0 refused 0 not kept 1;");
  BOOST_TEST(given_of(world, "a") == "Anna");
  read(world, {contact("a", "Anna", 1)});
  BOOST_TEST(given_of(world, "a") == "Xander");
}

BOOST_AUTO_TEST_CASE(an_open_refresh_does_not_take_it_for_seen) {
  World world({{"jobs/crm.yaml", job_with(".given")}});
  FakeSource whole;
  whole.begin("Contact", "g1")
      .records("Contact", {contact("a", "Anna", 1), contact("b", "Bram", 1)})
      .complete("Contact");
  require(world.ingest(whole).status);
  FakeSource half;
  half.begin("Contact", "g2").records("Contact", {contact("a", "Anna", 1)});
  world.run = "run-2";
  require(world.ingest(half).status);
  world.change("jobs/crm.yaml", job_with("{ const: Xander }"));
  require(world.remap().status);
  BOOST_TEST(given_of(world, "b") == "Xander");
  FakeSource rest;
  rest.begin("Contact", "g2").complete("Contact");
  world.run = "run-3";
  require(world.ingest(rest).status);
  BOOST_TEST(given_of(world, "a") == "Xander");
  BOOST_TEST(given_of(world, "b") == "withdrawn");
  world.verify();
}

/// Dies at the first transaction of the second part.
class DyingStore final : public ForwardingStore {
 public:
  using ForwardingStore::apply;
  using ForwardingStore::ForwardingStore;
  Result<store::KeptRecords> outdated(store::StreamId stream, std::uint64_t map,
                                      store::RecordId after, std::size_t) override {
    if (after != 0) return Error{ErrorCode::unavailable, "gone"};
    return ForwardingStore::outdated(stream, map, after, 2);
  }
};

BOOST_AUTO_TEST_CASE(stopped_in_the_middle_it_goes_on) {
  World world({{"jobs/crm.yaml", job_with(".given")}});
  read(world, {contact("a", "Anna", 1), contact("b", "Bram", 1), contact("c", "Cas", 1)});
  world.change("jobs/crm.yaml", job_with("{ const: Xander }"));
  world.run = "run-2";
  DyingStore dying(world.store());
  BOOST_TEST(!world.remap(&dying).status.ok());
  int again = 0;
  for (const char* const key : {"a", "b", "c"}) again += given_of(world, key) == "Xander" ? 1 : 0;
  BOOST_TEST(again == 2);
  BOOST_TEST(remapped(world.remap()) == "Contact 1 changed 1 filtered 0 refused 0 not kept 0;");
  for (const char* const key : {"a", "b", "c"}) BOOST_TEST(given_of(world, key) == "Xander");
  world.cancel.request();
  world.change("jobs/crm.yaml", job_with("{ const: Yara }"));
  BOOST_TEST(static_cast<int>(world.remap().status.error().code) ==
             static_cast<int>(ErrorCode::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
