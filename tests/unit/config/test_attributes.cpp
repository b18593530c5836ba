#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

const char* const categories =
    "vocabulary: product_category\n"
    "terms:\n"
    "  - { code: city-bike, label: { nl: Stadsfiets } }\n"
    "  - { code: e_bike, label: { nl: Elektrische fiets } }\n";

const char* const spend =
    "spend_1y:\n"
    "  label: { en: Spend }\n"
    "  definition: Paid totals.\n"
    "  owner: finance@acme.example\n"
    "  type: money\n"
    "  value: .orders | within(365d) | sum(.total)\n"
    "  when_missing: 0\n"
    "  purposes: [news]\n";

Loaded load_attributes(const std::string& text) {
  Files files = with(minimal(), {{"attributes/value.yaml", text},
                                 {"vocabularies/product_category.yaml", categories}});
  files["rondom.yaml"] += "defaults: { language: nl }\n";
  return load(files);
}

std::vector<std::string> names_of(const Project& project) {
  std::vector<std::string> names;
  for (const Attribute& attribute : project.attributes) names.push_back(attribute.name);
  return names;
}

BOOST_AUTO_TEST_SUITE(attribute_files)

BOOST_AUTO_TEST_CASE(a_definition_is_read_whole) {
  const Loaded loaded = load_attributes(spend);
  BOOST_TEST(loaded.problems == "");
  BOOST_REQUIRE(loaded.project.attributes.size() == 1);
  const Attribute* attribute = loaded.project.attribute("spend_1y");
  BOOST_REQUIRE(attribute != nullptr);
  BOOST_TEST(attribute->family == "spend_1y");
  BOOST_TEST(attribute->type == "money");
  BOOST_TEST(attribute->entity == "person");
  BOOST_TEST(attribute->value.text == ".orders | within(365d) | sum(.total)");
  BOOST_TEST(attribute->definition == "Paid totals.");
  BOOST_TEST(attribute->owner == "finance@acme.example");
  BOOST_TEST(attribute->label.at("en") == "Spend");
  BOOST_REQUIRE(attribute->when_missing.has_value());
  BOOST_TEST(attribute->when_missing->text == "0");
  BOOST_TEST(attribute->purposes.size() == 1);
  BOOST_TEST(place_in(attribute->value, 10, 6).column == 20);
  BOOST_TEST(loaded.project.attribute("spend_2y") == nullptr);
}

BOOST_AUTO_TEST_CASE(expand_makes_one_for_each_combination) {
  const Loaded loaded = load_attributes(
      std::string(spend) +
      "spend_{category}_{year}:\n"
      "  expand: { category: { vocabulary: product_category }, year: { range: [2024, 2026] } }\n"
      "  like: spend_1y\n"
      "  label: { nl: \"Besteed aan {category} in {year}\", en: \"Spend on {category}\" }\n"
      "  definition: Spent on {category} in {year}.\n"
      "  value: .orders | where(year(.at) == {year}) | each(.lines) | where(.category == "
      "\"{category}\") | sum(.total)\n"
      "visits_{kind}:\n"
      "  expand: { kind: { list: [call, \"in person\"] } }\n"
      "  type: integer\n"
      "  owner: x\n"
      "  definition: Visits by {kind}.\n"
      "  value: .events | where(.type == \"{kind}\") | count\n");
  BOOST_TEST(loaded.problems == "");
  const std::vector<std::string> expected = {
      "spend_1y",          "spend_city_bike_2024", "spend_city_bike_2025", "spend_city_bike_2026",
      "spend_e_bike_2024", "spend_e_bike_2025",    "spend_e_bike_2026",    "visits_call",
      "visits_in_person"};
  BOOST_TEST(names_of(loaded.project) == expected, boost::test_tools::per_element());
  const Attribute& one = *loaded.project.attribute("spend_city_bike_2025");
  BOOST_TEST(one.family == "spend_{category}_{year}");
  BOOST_TEST(one.value.text ==
             ".orders | where(year(.at) == 2025) | each(.lines) | where(.category == "
             "\"city-bike\") | sum(.total)");
  BOOST_TEST(!one.value.as_written);
  BOOST_TEST(one.label.at("nl") == "Besteed aan Stadsfiets in 2025");
  BOOST_TEST(one.label.at("en") == "Spend on city-bike");
  BOOST_TEST(one.definition == "Spent on Stadsfiets in 2025.");
  BOOST_TEST(one.owner == "finance@acme.example");
  BOOST_TEST(one.type == "money");
  BOOST_TEST(one.when_missing->text == "0");
  BOOST_TEST(loaded.project.attribute("visits_in_person")->value.text ==
             ".events | where(.type == \"in person\") | count");
}

BOOST_AUTO_TEST_CASE(what_comes_with_rondom_is_taken_whole) {
  const Loaded loaded = load_attributes(
      "years: { like: standard.age, owner: x }\n"
      "spend_{year}:\n"
      "  like: standard.spend_{year}\n"
      "  owner: x\n"
      "  definition: As finance counts {year}.\n"
      "  expand: { year: { range: [2025, 2026] } }\n");
  BOOST_TEST(loaded.problems == "");
  const Attribute& years = *loaded.project.attribute("years");
  BOOST_TEST(years.value.text == ".birth_date | age");
  BOOST_TEST(years.type == "integer");
  BOOST_TEST(years.like == "standard.age");
  BOOST_TEST(years.label.at("nl") == "Leeftijd");
  BOOST_TEST(place_in(years.value, 0, 3).line == 1);
  BOOST_TEST(loaded.project.attribute("spend_2026")->definition == "As finance counts 2026.");
  BOOST_TEST(loaded.project.attribute("spend_2026")->when_missing->text == "0");
}

/// What comes with Rondom is right as it stands: each compiles for values of its placeholders.
BOOST_AUTO_TEST_CASE(every_standard_attribute_is_complete) {
  Diagnostics diagnostics;
  const Node standard = parse_yaml(standard_attributes(), "standard", diagnostics);
  BOOST_TEST(all_of(diagnostics) == "");
  BOOST_TEST(standard.members.size() > 15);
  std::string text;
  for (const auto& [name, body] : standard.members) {
    text += name.text + ":\n  like: standard." + name.text + "\n  owner: x\n  expand:\n";
    std::size_t placeholders = 0;
    for (const char* each : {"year", "category", "channel"}) {
      if (name.text.find(std::string("{") + each + "}") == std::string::npos) continue;
      text += std::string("    ") + each + ": { list: [\"2025\"] }\n";
      ++placeholders;
    }
    if (placeholders == 0) text.erase(text.size() - std::string("  expand:\n").size());
  }
  // spend_{year} and spend_{category} of one value are one name: they are tried apart.
  const std::size_t category = text.find("spend_{category}:");
  BOOST_REQUIRE(category != std::string::npos);
  const Loaded loaded = load_attributes(text.replace(category, 5, "lines"));
  std::string problems = loaded.problems;
  BOOST_TEST(problems.find("a second attribute average_order_2025") != std::string::npos);
  BOOST_TEST(loaded.diagnostics.size() == 1);
  BOOST_TEST(loaded.project.attributes.size() == standard.members.size());
}

BOOST_AUTO_TEST_CASE(customer_is_an_attribute) {
  Files files = minimal();
  files["rondom.yaml"] += "customer: .orders | within(730d) | exists\n";
  const Loaded loaded = load(files);
  BOOST_TEST(loaded.problems == "");
  BOOST_REQUIRE(loaded.project.attributes.size() == 1);
  BOOST_TEST(loaded.project.attributes[0].name == "customer");
  BOOST_TEST(loaded.project.attributes[0].type == "boolean");
  BOOST_TEST(loaded.project.attributes[0].value.at.line == 7);
  files["rondom.yaml"] += "  nonsense(\n";
  BOOST_TEST(load(files).diagnostics.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_table_is_read_rule_by_rule) {
  const Loaded loaded = load_attributes(
      "buyer_{category}:\n"
      "  type: text\n"
      "  owner: x\n"
      "  definition: d\n"
      "  expand: { category: { vocabulary: product_category } }\n"
      "  rules:\n"
      "    - when: .orders | each(.lines) | where(.category == \"{category}\") | exists\n"
      "      value: \"{category}\"\n"
      "      because: Bought {category}.\n"
      "    - { when: .country == \"NL\", value: .country, because: Lives here. }\n"
      "    - { value: 7, because: None of these. }\n");
  BOOST_TEST(loaded.problems == "");
  BOOST_REQUIRE(loaded.project.attributes.size() == 2);
  const Attribute& one = *loaded.project.attribute("buyer_city_bike");
  BOOST_TEST(!one.value.present());
  BOOST_REQUIRE(one.rules.size() == 3);
  BOOST_TEST(one.rules[0].when.text ==
             ".orders | each(.lines) | where(.category == \"city-bike\") | exists");
  BOOST_TEST(!one.rules[0].when.as_written);
  BOOST_TEST(one.rules[0].value.text == "city-bike");
  BOOST_TEST(one.rules[0].because == "Bought Stadsfiets.");
  BOOST_TEST(!one.rules[0].computed);
  BOOST_TEST(one.rules[1].when.as_written);
  BOOST_TEST(one.rules[1].computed);
  BOOST_TEST(one.rules[1].at.line == 10);
  BOOST_TEST(!one.rules[2].when.present());
  BOOST_TEST(one.rules[2].value.text == "7");
}

BOOST_AUTO_TEST_CASE(a_shipped_table_is_taken_whole_or_replaced_whole) {
  const Loaded loaded = load_attributes(
      "phase: { like: standard.journey_phase, owner: x }\n"
      "action:\n"
      "  like: standard.next_best_action\n"
      "  owner: x\n"
      "  rules: [{ value: wait, because: Nothing to do. }]\n"
      "word: { like: standard.journey_phase, owner: x, value: .country }\n");
  BOOST_TEST(loaded.problems == "");
  const Attribute& phase = *loaded.project.attribute("phase");
  BOOST_TEST(phase.rules.size() > 5);
  BOOST_TEST(phase.rules[1].when.at.line == 1);
  BOOST_TEST(phase.rules.back().because != "");
  BOOST_TEST(loaded.project.attribute("action")->rules.size() == 1);
  BOOST_TEST(loaded.project.attribute("word")->rules.empty());
  BOOST_TEST(loaded.project.attribute("word")->value.text == ".country");
  // What the table is made of came along, as nobody has a definition of their own.
  const Attribute* part = loaded.project.attribute("counted_orders");
  BOOST_REQUIRE(part != nullptr);
  BOOST_TEST(part->is_part);
  BOOST_TEST(part->owner == "");
  BOOST_TEST(!phase.is_part);
}

BOOST_AUTO_TEST_CASE(a_part_is_brought_along_by_what_reads_it_and_replaced_once) {
  const std::string spend_total = "spend: { like: standard.spend_total, owner: x }\n";
  BOOST_TEST(names_of(load_attributes(spend_total).project) ==
                 (std::vector<std::string>{"spend", "counted_orders"}),
             boost::test_tools::per_element());
  BOOST_TEST(names_of(load_attributes(spend).project) == (std::vector<std::string>{"spend_1y"}),
             boost::test_tools::per_element());
  const Loaded own = load_attributes(spend_total +
                                     "counted_orders: { like: standard.counted_orders, owner: x, "
                                     "value: .orders | where(.status == \"shipped\") }\n");
  BOOST_TEST(own.problems == "");
  BOOST_TEST(names_of(own.project) == (std::vector<std::string>{"spend", "counted_orders"}),
             boost::test_tools::per_element());
  const Attribute& part = *own.project.attribute("counted_orders");
  BOOST_TEST(part.type == "orders");
  BOOST_TEST(part.is_part);
  BOOST_TEST(is_attribute_of(part, Entity::person));
  BOOST_TEST(is_attribute_of(part, Entity::organization));
  BOOST_TEST(part.value.text == ".orders | where(.status == \"shipped\")");
  // An audience reads it too, and a shipped attribute another one.
  Files files =
      with(minimal(), {{"audiences/all.yaml", "audience: all\nall: [.counted_orders | exists]\n"}});
  BOOST_TEST(names_of(load(files).project) == (std::vector<std::string>{"counted_orders"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      names_of(
          load_attributes("progress: { like: standard.target_progress, owner: x }\n").project) ==
          (std::vector<std::string>{"progress", "rfm_monetary", "target_spend", "counted_orders"}),
      boost::test_tools::per_element());
  // What somebody writes may read no shipped attribute that they have not taken.
  BOOST_TEST(names_of(load_attributes(
                          "a: { type: integer, owner: x, definition: d, value: .rfm_recency }\n")
                          .project) == (std::vector<std::string>{"a"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_has_a_largest_number_of_rules) {
  std::string text = "a:\n  type: text\n  owner: x\n  definition: d\n  rules:\n";
  for (std::size_t i = 0; i < limits::attribute_rules_max; ++i) {
    text += "    - { when: .b == " + std::to_string(i) + ", value: c, because: d }\n";
  }
  BOOST_TEST(load_attributes(text).problems == "");
  BOOST_TEST(load_attributes(text + "    - { value: c, because: d }\n")
                 .problems.find("a table has at most 100 rules") != std::string::npos);
}

struct Wrong {
  const char* text;
  const char* problem;
};

BOOST_AUTO_TEST_CASE(problems_name_their_place_and_the_cure) {
  const Wrong cases[] = {
      {"a: { type: text, owner: x, definition: y, rules: [{ value: b, because: c }], value: .b }\n",
       "attributes/value.yaml:1:1: attribute a needs exactly one of value, source and rules\n"},
      {"a: { type: text, owner: x, definition: y, rules: [] }\n",
       "attributes/value.yaml:1:50: a table of no rules (write at least one { value: …, because: … "
       "})\n"},
      {"a: { type: text, owner: x, definition: y, rules: [{ value: b, because: c }, { value: d, "
       "because: "
       "e }] }\n",
       "attributes/value.yaml:1:51: a rule without when always holds, so those behind it never do "
       "(give it a condition, or put it last)\n"},
      {"a: { type: text, owner: x, definition: y, rules: [{ when: .b ==, value: b, because: c }] "
       "}\n",
       "attributes/value.yaml:1:64: the expression ends too early\n"},
      {"a: { type: text, owner: x, definition: y, rules: [{ value: b }] }\n",
       "attributes/value.yaml:1:51: missing key because (What has to be so for it to hold, in "
       "words; "
       "`attribute why` and the profile page say it.)\n"},
      {"a_{n}: { type: text, owner: x, definition: y, expand: { n: { list: [b] } }, rules: [{ "
       "value: b, "
       "because: \"{m}\" }] }\n",
       "attributes/value.yaml:1:107: {m} is not in expand (did you mean {n}?)\n"},
      {"a: { type: orders, owner: x, definition: y, value: .orders, when_missing: 0 }\n",
       "attributes/value.yaml:1:75: attribute a is a part of .orders, which has no when_missing "
       "(its "
       "value is a list, as in .orders | where(…))\n"},
      {"a: { type: money, owner: x, definition: y }\n",
       "attributes/value.yaml:1:1: attribute a needs exactly one of value, source and rules\n"},
      {"a: { type: text, owner: x, definition: y, value: .b, source: c }\n",
       "attributes/value.yaml:1:1: attribute a needs exactly one of value, source and rules\n"},
      {"a: { type: text, owner: x, value: .b }\n",
       "attributes/value.yaml:1:1: attribute a has no definition (what does it mean, in words?)\n"},
      {"a: { type: text, definition: x, value: .b }\n",
       "attributes/value.yaml:1:1: attribute a has no owner (who decides what it means?)\n"},
      {"a: { definition: x, owner: y, value: .b }\n",
       "attributes/value.yaml:1:1: attribute a has no type (text, integer, decimal, boolean, date, "
       "time, money or list)\n"},
      {"a: { type: mony, owner: x, definition: y, value: .b }\n",
       "attributes/value.yaml:1:12: type must be one of text, integer, decimal, boolean, date, "
       "time, money, list, orders, events, opportunities, subscriptions, needs, survey_answers; it "
       "is "
       "mony (did you mean money?)\n"},
      {"a: { type: text, owner: x, defnition: y, value: .b }\n",
       "attributes/value.yaml:1:28: unknown key defnition (did you mean definition?)\n"},
      {"A-b: { type: text, owner: x, definition: y, value: .b }\n",
       "attributes/value.yaml:1:1: the name of an attribute holds small letters, digits and _ and "
       "starts with a letter\n"},
      {"a: { type: text, owner: x, definition: y, value: .b }\n"
       "spend_{category}: { type: text, owner: x, definition: y, value: .b, expand: { category: { "
       "list: [1, 1] } } }\n",
       "attributes/value.yaml:2:1: a second attribute spend_1 (the first is in "
       "attributes/value.yaml:2)\n"},
      {"a: { type: text, owner: x, definition: y, value: .b, purposes: [newz] }\n",
       "attributes/value.yaml:1:65: no purpose newz (did you mean news?)\n"},
      {"a: { like: standard.agee, owner: x }\n",
       "attributes/value.yaml:1:12: no attribute standard.agee to be like (did you mean "
       "standard.age?)\n"},
      {"a: { like: b, definition: y, value: .b }\n"
       "b: { like: c, definition: y, value: .b }\n"
       "c: { like: b, definition: y, value: .b }\n",
       "attributes/value.yaml:3:12: like goes round in a circle: a -> b -> c -> b\n"
       "attributes/value.yaml:3:12: like goes round in a circle: b -> c -> b\n"
       "attributes/value.yaml:2:12: like goes round in a circle: c -> b -> c\n"},
      {"a_{x}: { type: text, owner: x, definition: y, value: .b }\n",
       "attributes/value.yaml:1:3: {x} is not in expand (write expand: { x: { list: […] } })\n"},
      {"a:\n  like: standard.spend_{year}\n  owner: x\n",
       "attributes/value.yaml:2:9: {year} is not in expand (write expand: { year: { list: […] } "
       "})\n"},
      {"a:\n  type: text\n  owner: x\n  definition: y\n  value: .b == {yaer}\n"
       "a_{year}:\n  type: text\n  owner: x\n  definition: y\n  value: .b == {yaer}\n"
       "  expand: { year: { range: [1, 2] } }\n",
       "attributes/value.yaml:5:16: {yaer} is not in expand (write expand: { yaer: { list: […] } "
       "})\n"
       "attributes/value.yaml:10:16: {yaer} is not in expand (did you mean {year}?)\n"},
      {"a: { type: text, owner: x, definition: y, value: .b, expand: { c: { list: [1] } } }\n",
       "attributes/value.yaml:1:64: {c} does not stand in the name a (else all of them would have "
       "one name)\n"},
      {"a_{c}: { type: text, owner: x, definition: y, value: .b, expand: { c: { list: [1], range: "
       "[1, 2] } } }\n",
       "attributes/value.yaml:1:68: {c} needs exactly one of vocabulary, range and list\n"},
      {"a_{c}: { type: text, owner: x, definition: y, value: .b, expand: { c: { range: [2, 1] } } "
       "}\n",
       "attributes/value.yaml:1:80: a range is [first, last], two whole numbers, the lower one "
       "first\n"},
      {"a_{c}: { type: text, owner: x, definition: y, value: .b, expand: { c: { range: [1, 9000] } "
       "} }\n",
       "attributes/value.yaml:1:80: a project has at most 5000 attributes, and this alone makes "
       "9000\n"},
      {"a_{c}_{d}: { type: text, owner: x, definition: y, value: .b, expand: { c: { range: [1, 90] "
       "}, d: { range: [1, 90] } } }\n",
       "attributes/value.yaml:1:70: a project has at most 5000 attributes, and this alone makes "
       "more\n"},
      {"a_{c}: { type: text, owner: x, definition: y, value: .b, expand: { c: { vocabulary: "
       "product_categry } } }\n",
       "attributes/value.yaml:1:85: no vocabulary product_categry (did you mean "
       "product_category?)\n"},
      {"a_{c}:\n  type: text\n  owner: x\n  definition: y\n  value: .b | nonsense({c})\n"
       "  expand: { c: { list: [1, 2] } }\n",
       "attributes/value.yaml:5:10: a_1: there is no function nonsense "
       "(docs/reference/expressions.md has them all)\n"
       "attributes/value.yaml:5:10: a_2: there is no function nonsense "
       "(docs/reference/expressions.md has them all)\n"},
      {"a:\n  type: text\n  owner: x\n  definition: y\n  value: .b | lowr\n",
       "attributes/value.yaml:5:15: there is no function lowr (did you mean lower?)\n"},
  };
  for (const Wrong& one : cases) BOOST_TEST(load_attributes(one.text).problems == one.problem);
}

BOOST_AUTO_TEST_CASE(a_project_has_a_limit_of_attributes) {
  std::string text;
  for (const char* name : {"a", "b"}) {
    text += std::string(name) +
            "_{n}: { type: text, owner: x, definition: y, value: .b, expand: { n: { range: [1, "
            "3000] } } }\n";
  }
  const Loaded loaded = load_attributes(text);
  BOOST_TEST(loaded.problems ==
             "attributes/value.yaml:2:1: a project has at most 5000 attributes\n");
  BOOST_TEST(loaded.project.attributes.size() == limits::attributes_max);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
