// Order independence, idempotence, and explanations that agree with the result.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "unit/merge/records.h"

namespace {

using namespace rondom;
using namespace rondom::merge_test;
using config::MergeRule;

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::size_t pick(std::size_t count) { return random_() % count; }

  People people() {
    People people;
    const std::size_t count = 1 + pick(7);
    for (std::size_t at = 0; at < count; ++at) {
      people.add(word({"crm", "shop", "mail"}), std::to_string(at), static_cast<int>(pick(4)),
                 cells());
    }
    return people;
  }

  std::vector<RuleLine> rules() {
    static const std::vector<MergeRule> any_kind = {
        MergeRule::most_recent, MergeRule::trust,    MergeRule::most_frequent,
        MergeRule::longest,     MergeRule::shortest, MergeRule::min,
        MergeRule::max,         MergeRule::unite,    MergeRule::first,
        MergeRule::any,         MergeRule::all,      MergeRule::most_restrictive};
    std::vector<RuleLine> lines;
    if (pick(2) == 0) {
      lines.push_back({"name.*",
                       std::vector{MergeRule::trust, MergeRule::most_frequent, MergeRule::longest,
                                   MergeRule::first}[pick(4)],
                       true});
    }
    lines.push_back({"*", any_kind[pick(any_kind.size())]});
    for (RuleLine& line : lines) {
      line.stale_after = static_cast<std::int64_t>(pick(3)) * microseconds_per_day;  // 0 = never
    }
    return lines;
  }

  std::mt19937& random() { return random_; }

 private:
  std::string word(std::initializer_list<const char*> words) {
    return *(words.begin() + pick(words.size()));
  }

  void maybe(std::vector<Given>& cells, const std::string& name,
             std::initializer_list<const char*> words) {
    if (pick(2) == 0) cells.push_back({name, word(words)});
  }

  std::vector<Given> cells() {
    std::vector<Given> cells;
    maybe(cells, "name.full", {"S. de Wit", "Sanne de Wit"});
    maybe(cells, "name.given", {"Sanne", "San"});
    maybe(cells, "name.surname", {"Wit", "Witt", ""});
    maybe(cells, "name.nickname", {"San"});
    maybe(cells, "birth_date", {"1980", "1980-05-12", "--05-12"});
    maybe(cells, "death.status", {"alive", "presumed", "confirmed"});
    maybe(cells, "death.date", {"2025-01-01", "2026-01-01"});
    maybe(cells, "gender", {"female", "unknown"});
    maybe(cells, "test_record", {"true", "false"});
    maybe(cells, "custom.tier", {"gold", "9", "10", "silver"});
    for (std::size_t group = 1; group <= pick(4); ++group) {
      const std::string at = "#" + std::to_string(group);
      cells.push_back(
          {"emails.value" + at, word({"a@example.com", "b@example.com", "c@example.com"})});
      maybe(cells, "emails.status" + at, {"active", "bounced", "invalid"});
      maybe(cells, "emails.verified_at" + at, {"2026-03-01T00:00:00Z", "2026-03-03T12:00:00Z"});
      maybe(cells, "consents.purpose" + at, {"news", "offers"});
      cells.push_back({"consents.status" + at, word({"granted", "withdrawn", "denied"})});
      maybe(cells, "addresses.street" + at, {"Kerkstraat", "KERKSTRAAT", "Dam"});
      cells.push_back({"addresses.postcode" + at, word({"1234 AB", "1234 AC"})});
      cells.push_back({"tags.value" + at, word({"vip", "news"})});
    }
    maybe(cells, "identifier.login", {"sanne", "anna"});
    return cells;
  }

  std::mt19937 random_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(properties)

BOOST_AUTO_TEST_CASE(the_order_of_the_records_does_not_matter) {
  constexpr std::uint32_t seed = 140326;
  BOOST_TEST_MESSAGE("seed " << seed);
  Generator generator(seed);
  for (int round = 0; round < 1'500; ++round) {
    const People people = generator.people();
    config::Diagnostics diagnostics;
    const merge::Rules rules(project_with(generator.rules(), {"shop", "crm"}), diagnostics);
    auto members = people.members();
    const std::string expected = merged(members, rules);
    for (int shuffle = 0; shuffle < 4; ++shuffle) {
      std::shuffle(members.begin(), members.end(), generator.random());
      BOOST_REQUIRE_MESSAGE(merged(members, rules) == expected, "round " << round);
    }
  }
}

BOOST_AUTO_TEST_CASE(merging_a_profile_alone_changes_nothing) {
  constexpr std::uint32_t seed = 99;
  BOOST_TEST_MESSAGE("seed " << seed);
  Generator generator(seed);
  for (int round = 0; round < 1'000; ++round) {
    const People people = generator.people();
    config::Diagnostics diagnostics;
    const merge::Rules rules(project_with(generator.rules(), {"shop"}), diagnostics);
    const std::string once = merged(people.members(), rules);
    const std::vector<merge::Member> alone = {{"crm.people/1", "crm", no_time, once}};
    BOOST_REQUIRE_MESSAGE(merged(alone, rules) == once, "round " << round << "\n"
                                                                 << text_of(once) << "\n"
                                                                 << text_of(merged(alone, rules)));
  }
}

BOOST_AUTO_TEST_CASE(explanations_are_of_the_result) {
  constexpr std::uint32_t seed = 5;
  BOOST_TEST_MESSAGE("seed " << seed);
  Generator generator(seed);
  for (int round = 0; round < 1'000; ++round) {
    const People people = generator.people();
    config::Diagnostics diagnostics;
    const merge::Rules rules(project_with(generator.rules(), {"shop"}), diagnostics);
    const auto members = people.members();
    std::vector<merge::Choice> choices;
    const std::string bytes = merged(members, rules, Entity::person, &choices);
    BOOST_REQUIRE_EQUAL(bytes, merged(members, rules));
    const auto cells = read_cells(bytes);
    BOOST_REQUIRE_EQUAL(cells.size(), choices.size());
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const merge::Choice& choice = choices[at];
      BOOST_REQUIRE_EQUAL(text_of(choice.winner), text_of(cells[at]));
      BOOST_REQUIRE(!choice.rule.empty());
      // the winner stands in the record it is said to come from
      bool found = false;
      for (const Cell& cell : read_cells(members.at(choice.member).canonical)) {
        found = found || (cell.attribute == choice.winner.attribute &&
                          cell.name == choice.winner.name && cell.value == choice.winner.value);
      }
      BOOST_REQUIRE(found);
      for (const auto& loser : choice.losers) {
        BOOST_REQUIRE_EQUAL(loser.cell.attribute, choice.winner.attribute);
        BOOST_REQUIRE(loser.cell.value != choice.winner.value);
        BOOST_REQUIRE(loser.member != choice.member);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_explanation_names_rule_place_and_losers) {
  People people;
  people.add(
      "salesforce", "003A", 9,
      {{"name.initials", "S."}, {"name.surname", "Wit"}, {"phones.value#1", "+31612345678"}});
  people.add("webshop", "8812", 2,
             {{"name.given", "Sanne"},
              {"name.surname", "de Wit"},
              {"phones.value#1", "+31687654321"},
              {"occupation", "Cook"}});
  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({{"name.*", MergeRule::trust, true}}, {"webshop"}),
                           diagnostics);
  std::vector<merge::Choice> choices;
  merged(people.members(), rules, Entity::person, &choices);
  BOOST_REQUIRE_EQUAL(choices.size(), 5u);
  BOOST_TEST(text_of(choices[0].winner) == "name.given=Sanne");
  BOOST_TEST(choices[0].rule == "trust, as one");
  BOOST_TEST(choices[0].member == 1u);
  BOOST_TEST(*choices[0].rule_at.file == "merge.yaml");
  BOOST_TEST(choices[0].rule_at.line == 3);
  BOOST_TEST(choices[0].losers.empty());
  BOOST_TEST(text_of(choices[1].winner) == "name.surname=de Wit");
  BOOST_REQUIRE_EQUAL(choices[1].losers.size(), 1u);
  BOOST_TEST(choices[1].losers[0].cell.value == "Wit");
  BOOST_TEST(choices[1].losers[0].member == 0u);
  BOOST_TEST(text_of(choices[2].winner) == "occupation=Cook");
  BOOST_TEST(choices[2].rule == "most recent");
  BOOST_TEST((choices[2].rule_at.file == nullptr));
  BOOST_TEST(text_of(choices[3].winner) == "phones.value#1=+31612345678");
  BOOST_TEST(choices[3].rule == "united, most recent");
}

BOOST_AUTO_TEST_CASE(raw_text_and_rule_come_along) {
  RecordBuilder builder;
  Cell cell;
  cell.attribute = attribute::occupation;
  cell.value = "Cook";
  cell.raw = " Cook ";
  cell.rule = Rule::trimmed;
  builder.add(cell);
  const std::string bytes(builder.bytes());
  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({}), diagnostics);
  BOOST_TEST(merged({{"crm.people/1", "crm", 1, bytes}}, rules) == bytes);
}

BOOST_AUTO_TEST_CASE(nobody_is_nothing) {
  config::Diagnostics diagnostics;
  const merge::Rules rules(project_with({}), diagnostics);
  std::vector<merge::Choice> choices(1);
  BOOST_TEST(merged({}, rules, Entity::organization, &choices) == "");
  BOOST_TEST(choices.empty());
}

BOOST_AUTO_TEST_SUITE_END()
