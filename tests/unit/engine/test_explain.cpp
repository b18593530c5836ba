// explain: why one person, why these values, and whether today's rules would say otherwise.
#include "engine/explanation.h"
#include "support/joins.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

class Explained {
 public:
  Explained() {
    Person crm{"a", "Anna", "Bos", "1980-05-12", {"anna@example.com"}};
    Person shop{"b", "A.", "Bos-de Vries", "", {"anna@example.com"}};
    shop.stream = "customers";
    shop.at = 5;
    Person other{"c", "Bram", "Bos", "", {"anna@example.com"}};
    world.put({crm, shop, other});
    world.unify();
  }

  std::string of(const std::string& record, bool json = false) {
    const auto engine = value_of(Engine::open(world.shared_project(), world.surroundings(), true));
    const Explanation found = value_of(explain_profile(
        engine->project(), engine->store(), world.profile_of(record).id, world.clock.now()));
    return json ? explain_json(found) : explain_text(found);
  }

  World world;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(explained)

BOOST_FIXTURE_TEST_CASE(the_text_says_who_why_and_over_what, Explained) {
  const std::string text = of("crm.Contact/a");
  BOOST_TEST_MESSAGE(text);
  const std::string uid = world.profile_of("crm.Contact/a").uid;
  BOOST_TEST(text.starts_with("A. Bos-de Vries · "));
  BOOST_TEST(has(text, " · " + uid + " · 2 records from 2 sources\n"));
  BOOST_TEST(has(text, "WHY ONE PERSON\n"));
  BOOST_TEST(has(text, " crm.Contact/a ─ same e-mail anna@example.com ─ shop.customers/b\n"));
  BOOST_TEST(has(text,
                 " kept apart: crm.Contact/c, same e-mail as crm.Contact/a but different given "
                 "names: a shared contact point\n"));
  BOOST_TEST(has(text, "WHY THESE VALUES\n"));
  BOOST_TEST(has(text, " birth_date             1980-05-12"));
  BOOST_TEST(has(text, "MAY WE USE IT FOR news?  no: "));
  BOOST_TEST(has(text, "SENT TO       nobody\n"));
  BOOST_TEST(!has(text, "STALE"));
}

BOOST_FIXTURE_TEST_CASE(a_value_names_its_record_rule_and_losers, Explained) {
  const std::string text = of("crm.Contact/a", true);
  Arena arena;
  JsonReader reader;
  const Value object = value_of(reader.parse(text, arena));
  BOOST_TEST(object.find("profile")->as_text() == world.profile_of("crm.Contact/a").uid);
  BOOST_TEST(!object.find("stale")->as_boolean());
  const Value& members = *object.find("members");
  BOOST_REQUIRE(members.size() == 2);
  BOOST_TEST(members.item(0).as_text() == "crm.Contact/a");
  BOOST_TEST(members.item(1).as_text() == "shop.customers/b");

  const Value& joined = *object.find("joined");
  BOOST_REQUIRE(joined.size() == 1);
  BOOST_TEST(joined.item(0).find("from")->as_text() == "crm.Contact/a");
  BOOST_TEST(joined.item(0).find("to")->as_text() == "shop.customers/b");
  BOOST_TEST(joined.item(0).find("namespace")->as_text() == "email");
  BOOST_TEST(joined.item(0).find("value")->as_text() == "anna@example.com");
  const Value& apart = *object.find("kept_apart");
  BOOST_REQUIRE(apart.size() == 1);
  BOOST_TEST(apart.item(0).find("to")->as_text() == "crm.Contact/c");
  BOOST_TEST(apart.item(0).find("refused")->as_text() ==
             "different given names: a shared contact point");

  const Value& values = *object.find("values");
  bool surname_seen = false;
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    const Value& value = values.item(i);
    if (value.find("attribute")->as_text() != "name.surname") continue;
    surname_seen = true;
    BOOST_TEST(value.find("value")->as_text() == "Bos-de Vries");  // the newer record, whole
    BOOST_TEST(value.find("record")->as_text() == "shop.customers/b");
    BOOST_TEST(!value.find("rule")->as_text().empty());
    const Value& over = *value.find("over");
    BOOST_REQUIRE(over.size() == 1);
    BOOST_TEST(over.item(0).find("value")->as_text() == "Bos");
    BOOST_TEST(over.item(0).find("record")->as_text() == "crm.Contact/a");
  }
  BOOST_TEST(surname_seen);
}

BOOST_FIXTURE_TEST_CASE(a_single_record_says_so, Explained) {
  const std::string text = of("crm.Contact/c");
  BOOST_TEST(has(text, "1 record from 1 source\n"));
  BOOST_TEST(has(text, " crm.Contact/c   the only record\n"));
  BOOST_TEST(has(text, "kept apart: "));
}

BOOST_FIXTURE_TEST_CASE(rules_that_would_decide_otherwise_make_it_stale, Explained) {
  world.change("identity.yaml", "identifiers:\n  - { namespace: email, class: weak }\n");
  BOOST_TEST(has(of("crm.Contact/a"), "\nSTALE "));
  BOOST_TEST(has(of("crm.Contact/a", true), "\"stale\":true"));
  BOOST_TEST(has(of("crm.Contact/c", true), "\"stale\":false"));
  world.unify();
  BOOST_TEST(has(of("crm.Contact/a", true), "\"stale\":false"));
}

BOOST_FIXTURE_TEST_CASE(merge_rules_that_would_choose_otherwise_make_it_stale, Explained) {
  world.change("merge.yaml",
               "trust: [crm, shop]\nperson:\n  - { of: name.*, rule: trust, as_one: true }\n");
  BOOST_TEST(has(of("crm.Contact/a", true), "\"stale\":true"));
  world.unify();
  const std::string text = of("crm.Contact/a");
  BOOST_TEST(!has(text, "STALE"));
  BOOST_TEST(has(text, "merge.yaml:3"));  // the rule that decided
  BOOST_TEST(has(text, "over \"Bos-de Vries\" (shop.customers/b)"));
}

BOOST_FIXTURE_TEST_CASE(records_not_unified_yet_make_it_stale, Explained) {
  Person more{"d", "Anna", "", "", {"anna@example.com"}};
  world.put(more);
  (void)value_of(world.store().index_postings(1'000, support::every_identifier));
  BOOST_TEST(has(of("crm.Contact/a", true), "\"stale\":true"));
  world.unify();
  BOOST_TEST(has(of("crm.Contact/a", true), "\"stale\":false"));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_profile_is_a_failure, Explained) {
  const auto engine = value_of(Engine::open(world.shared_project(), world.surroundings(), true));
  BOOST_TEST(!explain_profile(engine->project(), engine->store(), 4711, world.clock.now()).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
