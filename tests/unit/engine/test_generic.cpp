// Identifiers that many different people carry: evidence only, and what happens when one becomes
// so.
#include "engine/generic.h"
#include "support/joins.h"
#include "unit/engine/forwarding_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

constexpr int people_max = static_cast<int>(limits::people_per_identifier_max);
constexpr UnifyLimits in_bulk{0, 1'000, 1'000, 1'000};
constexpr UnifyLimits few_by_few{1'000'000, 3, 1'000, 1'000};

/// Person number i of a family that shares one address; no given name, so that names do not part
/// them.
Person sharer(int i) {
  Person person;
  person.key = (i < 10 ? "p0" : "p") + std::to_string(i);
  person.surname = "Name" + std::to_string(i);
  person.emails = {"shared@example.com"};
  return person;
}

std::vector<Person> sharers(int from, int to) {
  std::vector<Person> people;
  for (int i = from; i < to; ++i) people.push_back(sharer(i));
  return people;
}

/// Remembers how much was asked for at once.
class CountingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::size_t most = 0;
  std::size_t all = 0;
  Result<std::vector<store::StoredRecord>> contents(std::span<const store::RecordId> ids) override {
    note(ids.size());
    return ForwardingStore::contents(ids);
  }
  Result<std::vector<store::StoredRecord>> records(std::span<const store::RecordId> ids) override {
    note(ids.size());
    return ForwardingStore::records(ids);
  }

 private:
  void note(std::size_t count) {
    most = std::max(most, count);
    all += count;
  }
};

BOOST_AUTO_TEST_SUITE(generic_identifiers)

BOOST_AUTO_TEST_CASE(as_many_people_as_allowed_are_joined) {
  World world;
  world.put(sharers(0, people_max));
  const UnifyReport report = world.unify();
  BOOST_TEST(report.total == 1);
  BOOST_TEST(report.generic.empty());
}

BOOST_AUTO_TEST_CASE(one_more_and_the_identifier_joins_nobody) {
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    World world;
    world.put(sharers(0, people_max + 1));
    const UnifyReport report = world.unify(limits);
    world.verify();
    BOOST_TEST(report.total == people_max + 1);
    BOOST_REQUIRE(report.generic.size() == 1);
    BOOST_TEST(report.generic[0].name_space == "email");
    BOOST_TEST(report.generic[0].value == "shared@example.com");
    BOOST_TEST(report.generic[0].records == people_max + 1);
    BOOST_TEST(report.generic[0].people == people_max + 1);
    const auto kept = value_of(world.store().generic_identifiers());
    BOOST_REQUIRE(kept.size() == 1);
    BOOST_TEST(kept[0].value == "shared@example.com");
  }
}

BOOST_AUTO_TEST_CASE(many_records_of_one_person_are_not_many_people) {
  World world;
  std::vector<Person> people;
  for (int i = 0; i < 2 * people_max; ++i) {
    Person person = sharer(i);
    person.given = "Anna";
    person.surname = "Bos";
    people.push_back(person);
  }
  world.put(people);
  const UnifyReport report = world.unify();
  BOOST_TEST(report.total == 1);
  BOOST_TEST(report.generic.empty());
}

BOOST_AUTO_TEST_CASE(an_increment_that_reaches_the_limit_splits_what_was_joined) {
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    World world;
    world.put(sharers(0, people_max));
    world.unify(limits);
    BOOST_TEST(world.profiles().size() == 1);
    const std::string uid = world.profile_of("crm.Contact/p00").uid;

    world.put(sharer(people_max));
    const UnifyReport flip = world.unify(limits);
    world.verify();
    BOOST_TEST(flip.total == people_max + 1);
    BOOST_TEST(flip.split == people_max - 1);
    BOOST_TEST(flip.created == 1);
    BOOST_TEST(flip.generic.size() == 1);
    BOOST_TEST(world.profile_of("crm.Contact/p00").uid == uid);
    World at_once;
    at_once.put(sharers(0, people_max + 1));
    at_once.unify(limits);
    BOOST_TEST(world.exported() == at_once.exported(), boost::test_tools::per_element());

    // It stays so: for those who come, and when some of them go.
    world.put(sharer(people_max + 1));
    const UnifyReport later = world.unify(limits);
    BOOST_TEST(later.total == people_max + 2);
    BOOST_TEST(later.generic.empty());  // nothing new
    for (int i = 10; i <= people_max; ++i) {
      Person gone = sharer(i);
      gone.at = 2;
      world.remove(gone);
    }
    Person touched = sharer(0);
    touched.at = 2;
    touched.surname = "Another";
    world.put(touched);
    BOOST_TEST(world.unify(limits).total == 11);
    world.verify();
  }
}

BOOST_AUTO_TEST_CASE(when_few_are_left_it_joins_again) {
  constexpr int again = static_cast<int>(limits::people_per_identifier_again);
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    World world;
    world.put(sharers(0, people_max + 1));
    world.unify(limits);
    const auto keep_only = [&](int from, int to) {
      for (int i = from; i < to; ++i) {
        Person corrected = sharer(i);
        corrected.at = 2;
        corrected.emails = {"own" + std::to_string(i) + "@example.com"};
        world.put(corrected);
      }
    };
    keep_only(again + 1, people_max + 1);
    const UnifyReport one_too_many = world.unify(limits);
    BOOST_TEST(one_too_many.no_longer_generic.empty());
    BOOST_TEST(one_too_many.total == people_max + 1);
    keep_only(again, again + 1);
    const UnifyReport lifted = world.unify(limits);
    world.verify();
    BOOST_REQUIRE(lifted.no_longer_generic.size() == 1);
    BOOST_TEST(lifted.no_longer_generic[0].value == "shared@example.com");
    BOOST_TEST(lifted.no_longer_generic[0].records == again);
    BOOST_TEST(lifted.no_longer_generic[0].people == again);
    BOOST_TEST(lifted.total == people_max + 1 - (again - 1));
    BOOST_TEST(world.profile_of("crm.Contact/p00").members.size() == std::size_t{again});
    BOOST_TEST(value_of(world.store().generic_identifiers()).empty());
    // Another run has nothing left to do, and one more person on it changes nothing about that.
    BOOST_TEST(world.unify(limits).changed == 0);
    Person more = sharer(again);
    more.at = 3;
    world.put(more);
    BOOST_TEST(world.unify(limits).generic.empty());
    BOOST_TEST(world.profile_of("crm.Contact/p00").members.size() == std::size_t{again} + 1);
  }
}

/// So many records of one person stand before the others by whom it became generic; the first of
/// them changes.
void share_with_many_of_one(World& world, int count) {
  std::vector<Person> people;
  for (int i = 0; i < count; ++i) {
    Person same = sharer(i);
    same.key = "a" + std::to_string(10'000 + i);
    same.given = "Anna";
    same.surname = "Bos";
    people.push_back(same);
  }
  world.put(people);
  world.put(sharers(0, people_max + 1));
  BOOST_TEST(world.unify(in_bulk).generic.size() == 1);
  Person touched = people.front();
  touched.at = 2;
  touched.birth = "1980-05-12";
  world.put(touched);
}

BOOST_AUTO_TEST_CASE(more_records_than_are_looked_at_first_are_all_counted) {
  // 300 records of one person stand before the 26 others by whom it became generic, and then they
  // are gone.
  World world;
  share_with_many_of_one(world, 300);
  BOOST_TEST(world.unify(in_bulk).no_longer_generic.empty());
  for (int i = 0; i <= people_max; ++i) {
    Person gone = sharer(i);
    gone.at = 3;
    world.remove(gone);
  }
  const UnifyReport lifted = world.unify(in_bulk);
  BOOST_REQUIRE(lifted.no_longer_generic.size() == 1);
  BOOST_TEST(lifted.no_longer_generic[0].records == 300);
  BOOST_TEST(lifted.total == 1);
}

BOOST_AUTO_TEST_CASE(
    however_many_carry_it_few_are_held_at_once_and_no_more_are_read_than_it_takes) {
  World world;
  share_with_many_of_one(world, 9'000);
  const UnifyJob job;
  const auto looked_at = [&](UnifyReport& report) {
    CountingStore store(world.store());
    require(reconsider_generic(job, store, report));
    BOOST_TEST(store.most <= 2'000u);
    return store.all;
  };
  UnifyReport still;
  looked_at(still);
  BOOST_TEST(still.no_longer_generic.empty());
  for (int i = 0; i <= people_max; ++i) {
    Person gone = sharer(i);
    gone.at = 3;
    world.remove(gone);
  }
  require(world.store().index_postings(100'000, support::every_identifier).status());
  UnifyReport lifted;
  BOOST_TEST(looked_at(lifted) == 9'000u);
  BOOST_REQUIRE(lifted.no_longer_generic.size() == 1);
  BOOST_TEST(lifted.no_longer_generic[0].records == 9'000);
  BOOST_TEST(lifted.no_longer_generic[0].people == 2);  // one of them has a date of birth
}

BOOST_AUTO_TEST_CASE(other_identifiers_still_join_those_who_share_a_generic_one) {
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    World world;
    std::vector<Person> people = sharers(0, people_max + 2);
    people[3].phones = {"+31201234567"};
    people[4].phones = {"+31201234567"};
    people[5].customer = "7";
    people[6].customer = "7";
    world.put(people);
    BOOST_TEST(world.unify(limits).total == people_max);
    BOOST_TEST(world.profile_of("crm.Contact/p03").members.size() == 2);
    BOOST_TEST(world.profile_of("crm.Contact/p05").members.size() == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_known_generic_identifier_joins_nobody_who_is_connected_otherwise) {
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    World world;
    world.put(sharers(0, people_max + 1));
    world.unify(limits);
    // Two Annas with the shared address; Bram's telephones connect them without joining.
    Person anna{"a", "Anna", "Bos", "", {"shared@example.com"}, {"+31201234567"}};
    Person other{"b", "Anna", "Bos", "", {"shared@example.com"}, {"+31207654321"}};
    Person bram{"c", "Bram", "Bos", "", {}, {"+31201234567", "+31207654321"}};
    world.put({anna, other, bram});
    const UnifyReport report = world.unify(limits);
    BOOST_TEST(report.created == 3);
    BOOST_TEST(report.generic.empty());
    BOOST_TEST(world.profile_of("crm.Contact/a").members.size() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_blocked_value_joins_nobody_and_is_not_generic) {
  World world(Files{{"identity.yaml",
                     "identifiers:\n"
                     "  - { namespace: email, class: strong, blocked: [\"shared@*\"] }\n"}});
  world.put(sharers(0, people_max + 1));
  for (const UnifyLimits& limits : {in_bulk, few_by_few}) {
    const UnifyReport report = world.unify(limits);
    BOOST_TEST(report.total == people_max + 1);
    BOOST_TEST(report.generic.empty());
    require(world.store().mark_all_dirty());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
