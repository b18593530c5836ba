// What somebody said of two records, and what becomes of it.
#include "engine/pairs.h"

#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

Person at_home(const std::string& key, Timestamp at = 1) {
  Person person;
  person.key = key;
  person.emails = {"home@example.com"};
  person.at = at;
  return person;
}

void split(World& world, const std::string& key) {
  value_of(split_record(world.store(), "crm.Contact/" + key, 1));
}

std::vector<std::string> link(World& world, const std::string& one, const std::string& other) {
  return value_of(link_records(world.store(), "crm.Contact/" + one, "crm.Contact/" + other, 2));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pairs)

BOOST_AUTO_TEST_CASE(not_the_same_holds_for_who_was_one_with_a_record_that_is_gone) {
  for (const bool is_gone : {true, false}) {  // or is somebody else's now
    World world;
    for (const char* key : {"a", "b"}) {
      world.put({key, "Anna", "Bakker", "1980-02-29", {"home@example.com"}});
    }
    world.unify();
    split(world, "a");
    world.put(at_home("c"));
    world.unify();
    BOOST_TEST(world.partition() == "a+c | b");  // the first by name takes who comes later
    if (is_gone) {
      world.remove(at_home("a", 2));
    } else {
      world.put({"a", "Jan", "Visser", "1955-01-01", {"jan@example.com"}, {}, "", 2});
    }
    world.unify();
    BOOST_TEST(world.profile_of("crm.Contact/b").uid != world.profile_of("crm.Contact/c").uid);
    world.verify();
  }
}

BOOST_AUTO_TEST_CASE(nobody_takes_over_what_was_said_of_a_record_that_was_alone) {
  World world;
  world.put({at_home("a"), at_home("b")});
  world.unify();
  split(world, "a");
  world.unify();
  world.remove(at_home("a", 2));
  world.unify();
  BOOST_TEST(value_of(world.store().decisions()).size() == 1);
  BOOST_TEST(world.partition() == "b");
}

BOOST_AUTO_TEST_CASE(who_is_linked_again_tears_nobody_off) {
  World world;
  world.put({at_home("a"), at_home("b"), at_home("r")});
  world.unify();
  BOOST_TEST(world.partition() == "a+b+r");
  split(world, "r");
  world.unify();
  BOOST_TEST(world.partition() == "a+b | r");
  const std::vector<std::string> forgotten = {"crm.Contact/b"};
  BOOST_TEST(link(world, "r", "a") == forgotten, boost::test_tools::per_element());
  world.unify();
  BOOST_TEST(world.partition() == "a+b+r");
}

BOOST_AUTO_TEST_CASE(a_parting_is_told_though_it_changes_no_value) {
  World world;
  Person more = at_home("b");
  more.given = "Anna";
  world.put({more, at_home("c")});
  world.unify();
  const std::int64_t seen = value_of(world.store().last_event());
  world.remove(at_home("c", 2));
  const UnifyReport report = world.unify();
  BOOST_TEST(report.changed == 0);
  const std::vector<std::string> expected = {"changed b"};
  BOOST_TEST(world.events(seen) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::engine::test
