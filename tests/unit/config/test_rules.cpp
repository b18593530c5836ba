#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

Loaded load_with(const std::string& file, const std::string& text) {
  return load(with(minimal(), {{file, text}, {"jobs/crm.yaml", source_job()}}));
}

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(without_files_the_built_in_rules_hold) {
  const Project project = load(minimal()).project;
  std::vector<std::string> names;
  for (const IdentifierRule& rule : project.identity.identifiers) names.push_back(rule.name_space);
  const std::vector<std::string> expected = {"kvk", "vat", "lei", "email", "phone"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  const IdentifierRule& email = project.identity.identifiers[3];
  BOOST_TEST((email.strength == IdentifierClass::strong));
  BOOST_TEST(email.max_per_profile == 5);
  BOOST_TEST(email.blocked.size() == 4);
  BOOST_TEST((project.identity.identifiers[0].strength == IdentifierClass::unique));
  const std::vector<AttributeMerge>& person = project.merge.entities.at("person");
  BOOST_TEST(person.size() == 4);
  BOOST_TEST(person[0].of == "name.*");
  BOOST_TEST(person[0].as_one);
  BOOST_TEST((person[1].rule == MergeRule::most_restrictive));
  BOOST_TEST(person[2].of == "test_record");
  BOOST_TEST(person[3].of == "*");
  BOOST_TEST(project.merge.entities.at("organization").size() == 2);
}

BOOST_AUTO_TEST_CASE(identity_rules_are_checked) {
  const Loaded loaded = load_with("identity.yaml",
                                  "identifiers:\n"
                                  "  - { namespace: a, class: stong }\n"
                                  "  - { namespace: a, class: weak }\n"
                                  "  - { namespace: B-c, class: weak }\n"
                                  "  - { namespace: d, class: unique, max_per_profile: 2 }\n"
                                  "  - { namespace: e, class: strong, expires_after: 90d }\n"
                                  "  - { namespace: f, class: weak, expires_after: soon }\n"
                                  "  - { namespace: g, class: weak, max_per_profile: 0 }\n"
                                  "one_record_per_profile: [crm.Contact, crm.Contct, Contact]\n");
  std::vector<std::string> expected = {
      "identity.yaml:2:28: class must be one of unique, strong, weak; it is stong (did you mean "
      "strong?)",
      "identity.yaml:8:51: max_per_profile must be a whole number above 0",
      "identity.yaml:3:5: a is declared already, on line 2",
      "identity.yaml:4:18: a namespace holds small letters, digits and _ and starts with a letter",
      "identity.yaml:5:53: a unique identifier is one per profile by itself (remove "
      "max_per_profile)",
      "identity.yaml:6:51: expires_after is supported for class weak only by this version",
      "identity.yaml:7:49: expires_after must be a duration such as 90d",
      "identity.yaml:9:39: no stream crm.Contct (did you mean crm.Contact?)",
      "identity.yaml:9:51: no stream Contact (write source.stream of a source job)"};
  std::vector<std::string> lines = lines_of(loaded.diagnostics);
  // The nearest stream of a bare name may or may not be suggested.
  BOOST_REQUIRE(lines.size() == expected.size());
  BOOST_TEST(lines.back().starts_with("identity.yaml:9:51: no stream Contact ("));
  lines.pop_back();
  expected.pop_back();
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(merge_rules_are_checked) {
  const Loaded loaded = load_with("merge.yaml",
                                  "person:\n"
                                  "  - { of: name.*, rule: trust }\n"
                                  "  - { of: gender, rule: most_recnt }\n"
                                  "  - { of: gender, rule: first }\n"
                                  "  - { of: x, rule: first, order: [a] }\n"
                                  "  - { rule: first }\n"
                                  "  - { of: y, rule: longest, stale_after: soon }\n"
                                  "  - { of: z, rule: any, stale_after: 90d }\n"
                                  "  - { of: name.given, rule: longest, stale_after: 104w }\n"
                                  "organization:\n"
                                  "  - { of: \"*\", rule: union }\n");
  const std::vector<std::string> expected = {
      "merge.yaml:3:25: rule must be one of most_recent, trust, most_frequent, longest, shortest, "
      "min, max, union, first, any, all, most_restrictive; it is most_recnt (did you mean "
      "most_recent?)",
      "merge.yaml:6:5: missing key of (Attribute, group such as name.*, or \"*\".)",
      "merge.yaml:2:25: rule trust needs a trust: list in this file",
      "merge.yaml:4:5: gender has a rule already, on line 3",
      "merge.yaml:5:34: order goes with rule min or max",
      "merge.yaml:7:42: stale_after must be a duration such as 730d",
      "merge.yaml:8:38: stale_after does not go with rule any, whose answer does not fade"};
  BOOST_TEST(lines_of(loaded.diagnostics) == expected, boost::test_tools::per_element());
  BOOST_TEST((loaded.project.merge.entities.at("organization")[1].rule == MergeRule::unite));
  BOOST_TEST(loaded.project.merge.entities.at("person")[7].stale_after ==
             728 * microseconds_per_day);
}

BOOST_AUTO_TEST_CASE(stated_rules_are_completed_with_the_rest) {
  const Loaded loaded =
      load_with("merge.yaml", "trust: [crm]\nperson:\n  - { of: gender, rule: trust }\n");
  BOOST_TEST(loaded.problems == "");
  const std::vector<AttributeMerge>& person = loaded.project.merge.entities.at("person");
  const auto names_of = [](const std::vector<AttributeMerge>& rules) {
    std::vector<std::string> names;
    for (const AttributeMerge& rule : rules) names.push_back(rule.of);
    return names;
  };
  const std::vector<std::string> expected = {"gender", "name.*", "death.*", "test_record", "*"};
  BOOST_TEST(names_of(person) == expected, boost::test_tools::per_element());
  BOOST_TEST(person[1].as_one);
  BOOST_TEST((person[2].rule == MergeRule::most_restrictive));
  BOOST_TEST((person[3].rule == MergeRule::any));
  BOOST_TEST((person[4].rule == MergeRule::most_recent));

  // What is said of everything else is said of names too, and not of who died.
  const Loaded all = load_with("merge.yaml",
                               "trust: [crm]\nperson:\n  - { of: death.date, rule: trust }\n"
                               "  - { of: \"*\", rule: trust }\n");
  BOOST_TEST(all.problems == "");
  const std::vector<std::string> rest = {"death.date", "death.*", "test_record", "*"};
  BOOST_TEST(names_of(all.project.merge.entities.at("person")) == rest,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(audiences_nest_and_are_checked) {
  const auto problems = [](const std::string& text) {
    return load_with("audiences/a.yaml", text).problems;
  };
  BOOST_TEST(problems("audience: a\nall:\n  - any:\n      - all: [ .a == 1, .b == 2 ]\n"
                      "      - not: { not: .c == 1 }\n") == "");
  BOOST_TEST(problems("audience: a\nall:\n  - ayn: [ .a ]\n").find("did you mean any?") !=
             std::string::npos);
  const std::string shape =
      "each item of all must be an expression, or one of any:, all: and not:\n";
  BOOST_TEST(problems("audience: a\nall:\n  - [ .a ]\n") == "audiences/a.yaml:3:5: " + shape);
  BOOST_TEST(problems("audience: a\nall:\n  - { any: [ .a ], not: .b }\n") ==
             "audiences/a.yaml:3:5: " + shape);
  BOOST_TEST(problems("audience: a\nall:\n  - any: .a\n") ==
             "audiences/a.yaml:3:10: any must be a list of conditions\n");
  BOOST_TEST(problems("audience: a\nall:\n  - not:\n") ==
             "audiences/a.yaml:3:5: not must be an expression, or one of any:, all: and not:\n");
  BOOST_TEST(problems("audience: a\nall:\n  - .a ==\n").starts_with("audiences/a.yaml:3:"));
  const Loaded twice = load(with(minimal(), {{"audiences/a.yaml", "audience: a\nall: [ .x ]\n"},
                                             {"audiences/b.yaml", "audience: a\nall: [ .x ]\n"}}));
  BOOST_TEST(twice.problems ==
             "audiences/b.yaml:1:11: a second audience a (the first is in audiences/a.yaml:1)\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
