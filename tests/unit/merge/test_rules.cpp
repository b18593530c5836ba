// Every rule with cases computed by hand, and what is wrong with a rule.
#include <boost/test/unit_test.hpp>

#include "unit/merge/records.h"

namespace {

using namespace rondom;
using namespace rondom::merge_test;
using config::MergeRule;

People occupations() {
  People people;
  people.add("crm", "1", 3, {{"occupation", "Cook"}});
  people.add("shop", "2", 9, {{"occupation", "Baker"}});
  people.add("mail", "3", 5, {{"occupation", "Bäck"}});
  people.add("shop", "4", 1, {{"occupation", "Cook"}});
  return people;
}

std::string occupation(MergeRule rule, std::vector<std::string> trust = {}) {
  return merged_text(occupations(), {{"occupation", rule}}, std::move(trust));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(scalars_follow_their_rule) {
  BOOST_TEST(occupation(MergeRule::most_recent) == "occupation=Baker");
  BOOST_TEST(occupation(MergeRule::unite) == "occupation=Baker");
  BOOST_TEST(occupation(MergeRule::first) == "occupation=Cook");
  BOOST_TEST(occupation(MergeRule::most_frequent) == "occupation=Cook");
  BOOST_TEST(occupation(MergeRule::longest) == "occupation=Baker");
  BOOST_TEST(occupation(MergeRule::shortest) == "occupation=Bäck");  // four characters, five bytes
  BOOST_TEST(occupation(MergeRule::trust, {"mail", "shop"}) == "occupation=Bäck");
  BOOST_TEST(occupation(MergeRule::trust, {"shop", "mail"}) == "occupation=Baker");
  BOOST_TEST(occupation(MergeRule::trust, {"elsewhere"}) == "occupation=Baker");
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_covers_an_attribute_decides) {
  People people;
  people.add("crm", "1", 1, {{"occupation", "Cook"}, {"custom.tier", "gold"}});
  people.add("shop", "2", 9, {{"occupation", "Baker"}, {"custom.tier", "silver"}});
  BOOST_TEST(merged_text(people, {{"custom.*", MergeRule::first}, {"*", MergeRule::most_recent}}) ==
             "custom.tier=gold; occupation=Baker");
  BOOST_TEST(merged_text(people, {{"*", MergeRule::most_recent}, {"custom.*", MergeRule::first}}) ==
             "custom.tier=silver; occupation=Baker");
}

BOOST_AUTO_TEST_CASE(what_is_stale_loses_to_what_is_fresh) {
  const auto occupation_after = [](std::int64_t days, MergeRule rule, const People& people) {
    return merged_text(people, {{"occupation", rule, false, {}, days * microseconds_per_day}},
                       {"crm", "mail", "shop"});
  };
  const People people = occupations();  // crm day 3, shop day 9, mail day 5, shop day 1
  BOOST_TEST(occupation_after(0, MergeRule::trust, people) == "occupation=Cook");
  BOOST_TEST(occupation_after(6, MergeRule::trust, people) == "occupation=Cook");  // just not stale
  BOOST_TEST(occupation_after(5, MergeRule::trust, people) == "occupation=Bäck");
  BOOST_TEST(occupation_after(3, MergeRule::trust, people) == "occupation=Baker");
  BOOST_TEST(occupation_after(5, MergeRule::longest, people) == "occupation=Baker");

  People undated;
  undated.add("crm", "1", 0, {{"occupation", "Cook"}});
  undated.add("shop", "2", 1, {{"occupation", "Baker"}});
  BOOST_TEST(occupation_after(900, MergeRule::trust, undated) == "occupation=Baker");
  People timeless;
  timeless.add("shop", "1", 0, {{"occupation", "Baker"}});
  timeless.add("crm", "2", 0, {{"occupation", "Cook"}});
  BOOST_TEST(occupation_after(1, MergeRule::trust, timeless) == "occupation=Cook");
}

BOOST_AUTO_TEST_CASE(a_stale_name_and_a_stale_address_stand_behind_fresh_ones) {
  People people;
  people.add(
      "crm", "1", 1,
      {{"name.given", "Jo"}, {"name.surname", "Jansen"}, {"emails.value", "old@example.com"}});
  people.add(
      "shop", "2", 20,
      {{"name.given", "Johanna"}, {"name.surname", "de Wit"}, {"emails.value", "new@example.com"}});
  const auto text = [&](std::int64_t days) {
    return merged_text(people,
                       {{"name.*", MergeRule::trust, true, {}, days * microseconds_per_day},
                        {"emails", MergeRule::trust, false, {}, days * microseconds_per_day}},
                       {"crm", "shop"});
  };
  BOOST_TEST(text(30) ==
             "name.given=Jo; name.surname=Jansen; emails.value#1=old@example.com; "
             "emails.value#2=new@example.com");
  BOOST_TEST(text(10) ==
             "name.given=Johanna; name.surname=de Wit; emails.value#1=new@example.com; "
             "emails.value#2=old@example.com");
}

BOOST_AUTO_TEST_CASE(a_stale_identifier_stands_behind_a_fresh_one) {
  People people;
  people.add("crm", "1", 1, {{"identifier.card", "OLD"}});
  people.add("shop", "2", 20, {{"identifier.card", "NEW"}});
  const auto text = [&](std::int64_t days) {
    return merged_text(people, {{"*", MergeRule::trust, false, {}, days * microseconds_per_day}},
                       {"crm", "shop"});
  };
  BOOST_TEST(text(30) == "identifier.card=OLD; identifier.card#1=NEW");
  BOOST_TEST(text(10) == "identifier.card=NEW; identifier.card#1=OLD");
}

BOOST_AUTO_TEST_CASE(the_explanation_names_what_was_stale) {
  config::Diagnostics diagnostics;
  const auto project = project_with(
      {{"occupation", MergeRule::trust, false, {}, 5 * microseconds_per_day}}, {"crm", "mail"});
  const merge::Rules rules(project, diagnostics);
  const People people = occupations();  // the choices view its values
  std::vector<merge::Choice> choices;
  merged(people.members(), rules, Entity::person, &choices);
  BOOST_REQUIRE(choices.size() == 1u);
  std::string said;
  for (const auto& loser : choices.front().losers) {
    said += std::string(loser.cell.value) + (loser.stale ? " stale; " : "; ");
  }
  BOOST_TEST(said == "Baker; Cook stale; Cook stale; ");
  BOOST_TEST(choices.front().stale_after == 5 * microseconds_per_day);
}

BOOST_AUTO_TEST_CASE(smallest_and_largest_compare_by_type) {
  People people;
  people.add("crm", "1", 1,
             {{"birth_date", "1980-05-12"}, {"custom.score", "9"}, {"custom.tier", "gold"}});
  people.add("shop", "2", 2,
             {{"birth_date", "1979-12-31"}, {"custom.score", "10.5"}, {"custom.tier", "bronze"}});
  people.add("mail", "3", 3, {{"custom.score", "-3"}, {"custom.tier", "platinum"}});
  const std::vector<std::string> tiers = {"bronze", "silver", "gold"};
  BOOST_TEST(
      merged_text(people, {{"custom.tier", MergeRule::max, false, tiers}, {"*", MergeRule::max}}) ==
      "custom.score=10.5; custom.tier=gold; birth_date=1980-05-12");
  BOOST_TEST(
      merged_text(people, {{"custom.tier", MergeRule::min, false, tiers}, {"*", MergeRule::min}}) ==
      "custom.score=-3; custom.tier=bronze; birth_date=1979-12-31");
}

BOOST_AUTO_TEST_CASE(booleans) {
  People people;
  people.add("crm", "1", 1, {{"test_record", "true"}});
  people.add("shop", "2", 2, {{"test_record", "false"}});
  BOOST_TEST(merged_text(people) == "test_record=true");
  BOOST_TEST(merged_text(people, {{"test_record", MergeRule::any}}) == "test_record=true");
  BOOST_TEST(merged_text(people, {{"test_record", MergeRule::all}}) == "test_record=false");
  BOOST_TEST(merged_text(people, {{"test_record", MergeRule::most_restrictive}}) ==
             "test_record=true");
  BOOST_TEST(merged_text(people, {{"test_record", MergeRule::most_recent}}) == "test_record=false");
}

BOOST_AUTO_TEST_CASE(death_is_most_restrictive_and_its_date_belongs_to_it) {
  People people;
  people.add("crm", "1", 1, {{"death.status", "confirmed"}, {"death.date", "2025-01-02"}});
  people.add("shop", "2", 5, {{"death.status", "presumed"}, {"death.date", "2026-02-01"}});
  people.add("mail", "3", 9, {{"death.status", "alive"}});
  BOOST_TEST(merged_text(people) == "death.status=confirmed; death.date=2025-01-02");
  BOOST_TEST(merged_text(people, {{"death.*", MergeRule::most_restrictive}}) ==
             "death.status=confirmed; death.date=2025-01-02");
  BOOST_TEST(merged_text(people, {{"death.*", MergeRule::most_recent}}) ==
             "death.status=alive; death.date=2026-02-01");
}

BOOST_AUTO_TEST_CASE(names_are_taken_whole) {
  People people;
  people.add("crm", "1", 9, {{"name.surname", "Wit"}});
  people.add("shop", "2", 3,
             {{"name.given", "Sanne"}, {"name.surname_prefix", "de"}, {"name.surname", "Wit"}});
  people.add("mail", "3", 12, {{"name.nickname", "San"}});
  people.add("web", "4", 11, {{"name.full", "S. de Wit"}});
  BOOST_TEST(merged_text(people) == "name.surname=Wit");
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::trust, true}}, {"web", "mail", "shop"}) ==
             "name.given=Sanne; name.surname_prefix=de; name.surname=Wit");
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::longest, true}}) ==
             "name.given=Sanne; name.surname_prefix=de; name.surname=Wit");
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::most_recent}}) ==
             "name.given=Sanne; name.surname_prefix=de; name.surname=Wit; name.nickname=San");
}

BOOST_AUTO_TEST_CASE(a_full_name_beside_its_parts_makes_no_name_longer) {
  People people;
  people.add("crm", "1", 4, {{"name.given", "Sanne"}, {"name.surname", "Wit"}});
  people.add("shop", "2", 9,
             {{"name.full", "S. de Wit"}, {"name.initials", "S."}, {"name.surname", "Wit"}});
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::longest, true}}) ==
             "name.given=Sanne; name.surname=Wit");
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::shortest, true}}) ==
             "name.initials=S.; name.surname=Wit");
}

BOOST_AUTO_TEST_CASE(more_parts_win_only_a_tie) {
  People people;
  people.add("crm", "1", 4, {{"name.surname", "Wit"}});
  people.add("shop", "2", 4, {{"name.given", "Sanne"}, {"name.surname", "Wit"}});
  BOOST_TEST(merged_text(people) == "name.given=Sanne; name.surname=Wit");
}

BOOST_AUTO_TEST_CASE(the_name_most_records_have) {
  People people;
  people.add("a", "1", 9, {{"name.given", "Sanne"}, {"name.surname", "Witt"}});
  people.add("b", "2", 1, {{"name.given", "Sanne"}, {"name.surname", "Wit"}});
  people.add("c", "3", 2, {{"name.given", "Sanne"}, {"name.surname", "Wit"}});
  BOOST_TEST(merged_text(people, {{"name.*", MergeRule::most_frequent, true}}) ==
             "name.given=Sanne; name.surname=Wit");
}

BOOST_AUTO_TEST_CASE(a_full_name_counts_where_nobody_has_parts) {
  People people;
  people.add("crm", "1", 4, {{"name.full", "De Wit en zonen"}});
  people.add("mail", "2", 5, {{"name.nickname", "San"}});
  BOOST_TEST(merged_text(people) == "name.full=De Wit en zonen");
  people.add("shop", "3", 1, {{"name.initials", "S."}});
  BOOST_TEST(merged_text(people) == "name.initials=S.");
}

BOOST_AUTO_TEST_CASE(an_unknown_gender_beats_no_known_one) {
  People people;
  people.add("crm", "1", 1, {{"gender", "female"}});
  people.add("shop", "2", 5, {{"gender", "unknown"}});
  BOOST_TEST(merged_text(people) == "gender=female");
  People nobody;
  nobody.add("shop", "2", 5, {{"gender", "unknown"}});
  BOOST_TEST(merged_text(nobody) == "gender=unknown");
}

BOOST_AUTO_TEST_CASE(empty_cells_never_win) {
  People people;
  people.add("crm", "1", 9, {{"occupation", ""}});
  people.add("shop", "2", 1, {{"occupation", "Cook"}});
  BOOST_TEST(merged_text(people) == "occupation=Cook");
}

BOOST_AUTO_TEST_CASE(ties_end_at_the_record_name) {
  People people;
  people.add("shop", "2", 4, {{"occupation", "Baker"}});
  people.add("crm", "1", 4, {{"occupation", "Cook"}});
  BOOST_TEST(merged_text(people) == "occupation=Cook");
}

BOOST_AUTO_TEST_CASE(a_record_without_a_time_is_neither_newest_nor_first) {
  People people;
  people.add("crm", "1", 0, {{"occupation", "Cook"}});
  people.add("shop", "2", 4, {{"occupation", "Baker"}});
  BOOST_TEST(merged_text(people) == "occupation=Baker");
  BOOST_TEST(merged_text(people, {{"*", MergeRule::first}}) == "occupation=Baker");
}

BOOST_AUTO_TEST_CASE(wrong_rules_are_reported) {
  const auto problem = [](RuleLine line) { return merged_text(People(), {std::move(line)}); };
  BOOST_TEST(problem({"brith_date", MergeRule::trust}) == "! person has no attribute brith_date");
  BOOST_TEST(problem({"nothing.*", MergeRule::trust}) == "! person has no attribute nothing.*");
  BOOST_TEST(problem({"custom", MergeRule::trust}) == "! person has no attribute custom");
  BOOST_TEST(problem({"birth_date", MergeRule::any}) ==
             "! any does not fit birth_date: it takes values that are true or false");
  BOOST_TEST(problem({"occupation", MergeRule::most_restrictive}) ==
             "! most restrictive does not fit occupation: it takes death, consents or values that "
             "are true or false");
  BOOST_TEST(problem({"occupation", MergeRule::max}) ==
             "! max does not fit occupation: it needs an order for words, such as order: [bronze, "
             "silver, gold]");
  BOOST_TEST(problem({"birth_date", MergeRule::trust, true}) ==
             "! as_one needs a group of attributes, such as name.*");
  BOOST_TEST(problem({"name.*", MergeRule::unite, true}) ==
             "! as_one does not go with unite, which does not choose a record");
  BOOST_TEST(problem({"custom.tier", MergeRule::trust, false, {"a"}}) ==
             "! order goes with min and max only");

  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({{"brith_date", MergeRule::trust}}), diagnostics);
  BOOST_REQUIRE_EQUAL(diagnostics.size(), 1u);
  BOOST_TEST(diagnostics.errors()[0].hint == "did you mean birth_date?");
  BOOST_TEST(diagnostics.errors()[0].at.line == 3);

  config::Diagnostics others;
  const merge::Rules for_events(project_with({{"*", MergeRule::trust}}, {}, "event"), others);
  BOOST_TEST(others.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_design_shows_is_accepted) {
  People people;
  BOOST_TEST(
      merged_text(people, {{"name.*", MergeRule::trust, true},
                           {"death.*", MergeRule::most_restrictive},
                           {"custom.loyalty_tier", MergeRule::max, false, {"bronze", "gold"}},
                           {"emails", MergeRule::trust},
                           {"phone", MergeRule::trust},
                           {"identifier.kvk", MergeRule::trust},
                           {"consents.*", MergeRule::most_restrictive},
                           {"*", MergeRule::most_recent}}) == "");
}

BOOST_AUTO_TEST_CASE(
    twenty_thousand_records_of_one_person_are_merged_without_asking_each_about_each) {
  People people;
  constexpr int records = 20'000;
  for (int i = 0; i < records; ++i) {
    const std::string number = std::to_string(i);
    const bool is_common = i % 3 == 0;
    people.add("crm", number, 1 + i % 25,
               {{"name.given", is_common ? "Anna" : "Anna" + number},
                {"name.surname", is_common ? "Bos" : "Bos" + number},
                {"occupation", is_common ? "Cook" : "Cook" + number},
                {"consents.purpose", "news"},
                {"consents.status", "withdrawn"},
                {"consents.evidence", "letter " + number}});
  }
  const auto values = [&](const std::vector<RuleLine>& lines) {
    const std::string all = merged_text(people, lines);
    BOOST_TEST(std::count(all.begin(), all.end(), '#') == 3 * records);
    std::string text;
    for (const std::string_view name : {"name.given=", "name.surname=", "occupation="}) {
      const auto at = all.find(name);
      text += all.substr(at, all.find(';', at) - at) + ' ';
    }
    return text;
  };
  BOOST_TEST(values({{"name.*", MergeRule::most_frequent, true},
                     {"occupation", MergeRule::most_frequent}}) ==
             "name.given=Anna name.surname=Bos occupation=Cook ");
  BOOST_TEST(values({}) == "name.given=Anna10024 name.surname=Bos10024 occupation=Cook10024 ");
}

BOOST_AUTO_TEST_SUITE_END()
