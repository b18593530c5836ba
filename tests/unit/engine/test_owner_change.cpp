// A record that becomes somebody else's takes neither profile nor contact along.
#include <algorithm>

#include "engine/pairs.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

BOOST_AUTO_TEST_SUITE(owner_change)

BOOST_AUTO_TEST_CASE(its_profile_ends_and_another_begins) {
  World world;
  world.put({"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}});
  world.unify();
  const ProfileView before = world.profile_of("crm.Contact/a");
  const std::int64_t seen = value_of(world.store().last_event());
  world.put({"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 2});
  const UnifyReport report = world.unify();
  BOOST_TEST(report.review == 1);
  BOOST_TEST(report.new_owner_names == std::vector<std::string>{"crm.Contact/a"},
             boost::test_tools::per_element());
  const ProfileView after = world.profile_of("crm.Contact/a");
  BOOST_TEST(after.uid != before.uid);
  BOOST_TEST(world.found_by(before.uid) == "none");
  BOOST_TEST(report.retired == 1);
  BOOST_TEST(report.created == 1);
  for (const std::string& event : world.events(seen)) {
    BOOST_TEST(event.find("merged") == std::string::npos);
  }
  // Once: the next run has nothing to say about it.
  world.put({"b", "Bo", "Smit", "", {"bo@example.com"}});
  BOOST_TEST(world.unify().review == 0);
  world.verify();
}

BOOST_AUTO_TEST_CASE(who_stays_keeps_the_profile) {
  World world;
  world.put({"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}});
  world.put({"b", "Anna", "Bakker", "", {"anna@example.com"}});
  world.unify();
  const ProfileView before = world.profile_of("crm.Contact/b");
  world.put({"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 2});
  world.unify();
  BOOST_TEST(world.partition() == "a | b");
  BOOST_TEST(world.profile_of("crm.Contact/b").uid == before.uid);
  BOOST_TEST(world.profile_of("crm.Contact/a").uid != before.uid);
  world.verify();
}

BOOST_AUTO_TEST_CASE(it_joins_the_person_that_it_is_now) {
  World world;
  world.put({"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}});
  world.put({"j", "Jan", "Visser", "1955-01-01", {"jan@example.com"}});
  world.unify();
  const ProfileView anna = world.profile_of("crm.Contact/a");
  const ProfileView jan = world.profile_of("crm.Contact/j");
  world.put({"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 2});
  const UnifyReport report = world.unify();
  BOOST_TEST(world.partition() == "a+j");
  BOOST_TEST(world.profile_of("crm.Contact/a").uid == jan.uid);
  // Not merged: what destinations hold of Anna is not Jan's.
  BOOST_TEST(report.merged == 0);
  BOOST_TEST(report.retired == 1);
  BOOST_TEST(world.found_by(anna.uid) == "none");
  world.verify();
}

BOOST_AUTO_TEST_CASE(one_change_alone_is_the_same_person) {
  World world;
  world.put({"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}});
  world.unify();
  const ProfileView before = world.profile_of("crm.Contact/a");
  world.put({"a", "Anna", "Visser", "1980-02-29", {"anna@example.com"}, {}, "", 2});
  BOOST_TEST(world.unify().review == 0);
  BOOST_TEST(world.profile_of("crm.Contact/a").uid == before.uid);
}

BOOST_AUTO_TEST_CASE(also_when_it_was_away_for_a_while) {
  const Person anna = {"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}};
  Person gone = anna;
  gone.at = 2;
  const Person jan = {"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 3};
  for (const bool unified_between : {false, true}) {
    World world;
    world.put({anna, {"b", "Bo", "Smit", "", {"bo@example.com"}}});
    world.unify();
    const std::string before = world.profile_of("crm.Contact/a").uid;
    require(link_records(world.store(), "crm.Contact/a", "crm.Contact/b", 1).status());
    world.unify();
    BOOST_TEST(world.partition() == "a+b");
    world.remove(gone);
    if (unified_between) world.unify();
    world.put(jan);
    world.unify();
    // Nobody said that of Jan.
    BOOST_TEST(world.partition() == "a | b");
    BOOST_TEST(world.profile_of("crm.Contact/a").uid != before);
    world.verify();
  }
}

BOOST_AUTO_TEST_CASE(and_it_founds_nothing_any_more) {
  // Typed over, and still held by the login; later it leaves, and the profile stays with whom it
  // was about.
  World world;
  world.put({"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}, {}, "7"});
  world.put({"b", "Anna", "Bakker", "", {"anna@example.com"}, {}, "7"});
  world.unify();
  const std::string before = world.profile_of("crm.Contact/b").uid;
  world.put({"a", "Jan", "Visser", "", {"jan@example.com"}, {}, "7", 2});
  BOOST_TEST(world.unify().review == 1);
  BOOST_TEST(world.partition() == "a+b");
  BOOST_TEST(world.profile_of("crm.Contact/b").uid == before);
  world.put({"a", "Jan", "Visser", "", {"jan@example.com"}, {}, "", 3});
  world.unify();
  BOOST_TEST(world.partition() == "a | b");
  BOOST_TEST(world.profile_of("crm.Contact/b").uid == before);
  world.verify();
}

BOOST_AUTO_TEST_CASE(the_partition_is_that_of_the_last_versions) {
  const std::vector<Person> first = {{"a", "Anna", "Bakker", "1980-02-29", {"anna@example.com"}},
                                     {"b", "Anna", "Bakker", "", {"anna@example.com"}},
                                     {"j", "Jan", "Visser", "1955-01-01", {"jan@example.com"}}};
  const Person later = {"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 2};
  World steps;
  steps.put(first);
  steps.unify();
  steps.put(later);
  steps.unify();
  World once;
  once.put(first);
  once.put(later);
  once.unify();
  BOOST_TEST(steps.partition() == once.partition());
  BOOST_TEST(steps.exported() == once.exported(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
