// The same on SQLite: what the store in memory promises, the real one keeps.
#include <boost/test/unit_test.hpp>

#include "support/joins.h"
#include "world.h"

namespace rondom::activate::test {
namespace {

struct RealWorld : World {
  RealWorld() : clock(as_of) {
    store::Options options;
    options.sqlite_file = ":memory:";
    auto opened = store::open(options, clock);
    BOOST_REQUIRE(opened.ok());
    real = std::move(*opened);
    stream = real->stream("crm", "Contact", "crm")->id;
  }

  /// One record and one profile a person, keyed by position.
  void add(const std::vector<Person>& people) {
    std::vector<std::string> keys, values;
    for (const Person& person : people) {
      keys.push_back("k" + std::to_string(++people_count));
      values.push_back(values_of(person));
    }
    std::vector<store::Output> outputs(people.size());
    store::IngestBatch batch;
    batch.stream = stream;
    batch.job = "crm";
    batch.run = "run-1";
    for (std::size_t i = 0; i < people.size(); ++i) {
      outputs[i].key = keys[i];
      outputs[i].canonical = values[i];
      store::Row row;
      row.key = keys[i];
      row.raw_hash = hash64(values[i]);
      row.outputs = {&outputs[i], 1};
      row.raw = "{}";
      batch.rows.push_back(row);
    }
    BOOST_REQUIRE(real->apply(batch).ok());
    BOOST_REQUIRE(real->index_postings(1000, support::every_identifier).ok());
    store::UnifyBatch unify;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto record = real->find_record(stream, Entity::person, keys[i]);
      BOOST_REQUIRE(record.ok());
      store::Profile profile;
      profile.id = *real->next_profile_id() + static_cast<ProfileId>(i);
      profile.uid = keyed_uid("test", keys[i], 0);
      profile.founding_record = record->value();
      profile.label = "crm.Contact/" + keys[i];
      profile.values = values[i];
      profile.members = {record->value()};
      unify.members.emplace_back(record->value(), profile.id);
      unify.events.push_back({0, EventKind::created, profile.id, 0});
      unify.done.push_back(record->value());
      unify.profiles.push_back(std::move(profile));
    }
    BOOST_REQUIRE(real->apply(unify).ok());
  }

  Status run_real(VendorDestination& destination) {
    counts = {};
    const Cancel cancel;
    return activate::run(job(), *real, destination, cancel, counts, {});
  }

  ManualClock clock;
  std::unique_ptr<store::Store> real;
  store::StreamId stream = 0;
  int people_count = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(activate_real_store, RealWorld)

BOOST_AUTO_TEST_CASE(delivers_withholds_and_remembers) {
  Person silent = subscriber("b@example.com");
  silent.consents.clear();
  Person bram = subscriber("thuis@example.com", "Bram");
  bram.consents.push_back({"withdrawn", "2026-03-13T00:00:00Z", "thuis@example.com"});
  add({subscriber("a@example.com"), silent, subscriber("thuis@example.com", "Anna"), bram});
  VendorDestination first(vendor);
  BOOST_REQUIRE(run_real(first).ok());
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(counts.withheld["no consent"] == 1);
  BOOST_TEST(counts.withheld["withdrawn"] == 1);
  BOOST_TEST(counts.withheld["withdrawn elsewhere"] == 1);
  BOOST_TEST(*real->delivered_count(name) == 1);
  BOOST_TEST(real->withheld(name, 0, 10)->size() == 3u);
  BOOST_TEST(real->deliveries_in(name, DeliveryState::in_flight, 0, 10)->empty());

  VendorDestination second(vendor);
  BOOST_REQUIRE(run_real(second).ok());
  BOOST_TEST(second.batches.empty());

  add({subscriber("c@example.com")});
  VendorDestination third(vendor);
  BOOST_REQUIRE(run_real(third).ok());
  BOOST_TEST(counts.created == 1);
  BOOST_TEST(third.last_session == "newsletter-000002");
}

BOOST_AUTO_TEST_CASE(a_no_in_general_reaches_who_was_planned_before_it_came) {
  add({subscriber("thuis@example.com", "Anna")});
  VendorDestination first(vendor);
  BOOST_REQUIRE(run_real(first).ok());
  BOOST_TEST(counts.created == 1);
  Person bram = subscriber("thuis@example.com", "Bram");
  bram.consents = {{"withdrawn", "2026-03-13T00:00:00Z", ""}};
  add({bram});
  VendorDestination second(vendor);
  BOOST_REQUIRE(run_real(second).ok());
  BOOST_TEST(counts.removed == 1);
  BOOST_TEST(counts.withheld["withdrawn elsewhere"] == 1);
}

BOOST_AUTO_TEST_CASE(a_file_of_more_than_fits_in_memory_is_acknowledged_from_the_store) {
  const int many = 50'100;
  store::UnifyBatch unify;
  for (int i = 1; i <= many; ++i) {
    store::Profile profile;
    profile.id = i;
    profile.uid = keyed_uid("test", std::to_string(i), 0);
    profile.label = "crm.Contact/" + std::to_string(i);
    profile.values = values_of(subscriber("p" + std::to_string(i) + "@example.com"));
    unify.events.push_back({0, EventKind::created, i, 0});
    unify.profiles.push_back(std::move(profile));
  }
  BOOST_REQUIRE(real->apply(unify).ok());
  VendorDestination file(vendor);
  file.info_.filesystem = true;
  BOOST_REQUIRE(run_real(file).ok());
  BOOST_TEST(counts.created == many);
  BOOST_TEST(file.flushes == 1);
  BOOST_TEST(vendor.files.at("newsletter-000001").size() == static_cast<std::size_t>(many));
  BOOST_TEST(*real->delivered_count(name) == many);
  BOOST_TEST(real->deliveries_in(name, DeliveryState::in_flight, 0, 10)->empty());
}

BOOST_AUTO_TEST_CASE(unknown_ones_are_found_again) {
  add({subscriber("a@example.com"), subscriber("b@example.com")});
  VendorDestination losing(vendor);
  losing.info_.can_look_up = true;
  losing.loses_answer_of_batch = 0;
  BOOST_TEST(!run_real(losing).ok());
  BOOST_TEST(counts.unknown == 2);
  VendorDestination next(vendor);
  next.info_.can_look_up = true;
  BOOST_REQUIRE(run_real(next).ok());
  BOOST_TEST(next.batches.empty());
  BOOST_TEST(vendor.contacts.size() == 2u);
  BOOST_TEST(*real->delivered_count(name) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::activate::test
