#include <boost/test/unit_test.hpp>

#include "profiles.h"

using namespace rondom;
using namespace rondom::segment_tests;

BOOST_AUTO_TEST_SUITE(audiences)

namespace {

const Timestamp as_of = parse_time("2026-03-14").value();

/// The line on which Anna fails, -1 when she is a member.
int failing_line(std::string_view yaml) {
  config::Diagnostics diagnostics;
  const segment::Audience audience(audience_of(yaml, diagnostics), Entity::person,
                                   config::Project(), diagnostics);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(""));
  Arena arena;
  const std::string bytes = anna();
  const Value profile = segment::profile_value(bytes, Entity::person, arena);
  const segment::Stop stop = audience.stop_of(profile, as_of, arena);
  BOOST_REQUIRE_MESSAGE(stop.problem.empty(), stop.problem);
  return stop.line;
}

std::string problems_of(std::string_view yaml, Entity entity = Entity::person) {
  config::Diagnostics diagnostics;
  const segment::Audience audience(audience_of(yaml, diagnostics), entity, config::Project(),
                                   diagnostics);
  std::string text;
  for (const config::Diagnostic& problem : diagnostics.errors()) {
    if (!text.empty()) text += '\n';
    text += std::to_string(problem.at.line) + ':' + std::to_string(problem.at.column) + ": " +
            problem.message + (problem.hint.empty() ? "" : " (" + problem.hint + ")");
  }
  return text;
}

std::uint64_t fingerprint_of(std::string_view yaml, Entity entity = Entity::person) {
  config::Diagnostics diagnostics;
  return segment::Audience(audience_of(yaml, diagnostics), entity, config::Project(), diagnostics)
      .fingerprint();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_member_passes_every_line) {
  BOOST_TEST(failing_line("- .country in [\"NL\", \"BE\"]\n"
                          "- .tags | contains(\"vip\")\n"
                          "- .custom.tier == \"gold\"\n"
                          "- .name.given == \"Anna\"\n") == -1);
}

BOOST_AUTO_TEST_CASE(the_first_line_that_fails_is_named) {
  BOOST_TEST(failing_line("- .country == \"BE\"\n- .country == \"NL\"\n- .gender == \"male\"\n") ==
             1);
}

BOOST_AUTO_TEST_CASE(a_line_without_an_answer_does_not_hold) {
  BOOST_TEST(failing_line("- .gender == \"female\"\n") == 0);
  BOOST_TEST(failing_line("- .death.status\n") == 0);
}

BOOST_AUTO_TEST_CASE(a_relation_that_does_not_hold_makes_nobody_a_member) {
  const std::string bytes =
      profile_bytes({{attribute::relation_type, 1, "contact_of"},
                     {attribute::relation_to, 1, "crm.accounts/1"},
                     {attribute::relation_role, 1, "decider"},
                     {attribute::relation_valid_from, 1, "2026-01-01T00:00:00Z"},
                     {attribute::relation_valid_to, 1, "2026-04-01T00:00:00Z"},
                     {attribute::relation_type, 2, "contact_of"},
                     {attribute::relation_to, 2, "crm.accounts/2"},
                     {attribute::relation_role, 2, "user"}});
  config::Diagnostics diagnostics;
  const segment::Audience deciders(
      audience_of("- .relations | where(.role == \"decider\") | exists\n", diagnostics),
      Entity::person, config::Project(), diagnostics);
  const segment::Audience users(
      audience_of("- .relations | where(.role == \"user\") | exists\n", diagnostics),
      Entity::person, config::Project(), diagnostics);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(""));
  const auto is_in = [&](const segment::Audience& audience, const char* day) {
    Arena arena;
    const Value profile = segment::profile_value(bytes, Entity::person, arena);
    return audience.stop_of(profile, parse_time(day).value(), arena).line < 0;
  };
  BOOST_TEST(!is_in(deciders, "2025-12-31"));
  BOOST_TEST(is_in(deciders, "2026-01-01"));
  BOOST_TEST(is_in(deciders, "2026-03-31"));
  BOOST_TEST(!is_in(deciders, "2026-04-01"));
  for (const char* day : {"2025-12-31", "2026-04-01"}) BOOST_TEST(is_in(users, day));
}

BOOST_AUTO_TEST_CASE(any_all_and_not) {
  BOOST_TEST(failing_line("- any:\n    - .country == \"NL\"\n    - .tags | contains(\"vip\")\n") ==
             -1);
  BOOST_TEST(failing_line("- any:\n    - .country == \"NL\"\n    - .country == \"DE\"\n") == 0);
  BOOST_TEST(failing_line("- all:\n    - .country == \"BE\"\n    - .tags | contains(\"vip\")\n") ==
             -1);
  BOOST_TEST(failing_line("- all:\n    - .country == \"BE\"\n    - .country == \"DE\"\n") == 0);
  BOOST_TEST(failing_line("- not: .country == \"NL\"\n") == -1);
  BOOST_TEST(failing_line("- not: .country == \"BE\"\n") == 0);
  BOOST_TEST(failing_line(
                 "- not:\n    any:\n      - .country == \"NL\"\n      - .gender == \"x\"\n") == -1);
  BOOST_TEST(failing_line("- not: .test_record\n- not: .gender == \"male\"\n") == -1);
}

BOOST_AUTO_TEST_CASE(an_audience_without_lines_is_everybody) {
  BOOST_TEST(failing_line("[]") == -1);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_yes_or_no_is_an_error) {
  config::Diagnostics diagnostics;
  const segment::Audience audience(
      audience_of("- .country == \"BE\"\n- .custom.tier\n", diagnostics), Entity::person,
      config::Project(), diagnostics);
  Arena arena;
  const std::string bytes = anna();
  const Value profile = segment::profile_value(bytes, Entity::person, arena);
  const segment::Stop stop = audience.stop_of(profile, as_of, arena);
  BOOST_TEST(stop.line == 1);
  BOOST_TEST(stop.problem == "audience newsletter, line 2: gives text, neither true nor false");
}

BOOST_AUTO_TEST_CASE(windows_of_time_count_from_as_of) {
  config::Diagnostics diagnostics;
  const segment::Audience audience(audience_of("- .consents | within(60d) | exists\n", diagnostics),
                                   Entity::person, config::Project(), diagnostics);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(""));
  BOOST_TEST(audience.depends_on_time());
  Arena arena;
  const std::string bytes = anna();
  const Value profile = segment::profile_value(bytes, Entity::person, arena);
  BOOST_TEST(audience.stop_of(profile, as_of, arena).line == -1);
  BOOST_TEST(audience.stop_of(profile, as_of + 90 * microseconds_per_day, arena).line == 0);
}

BOOST_AUTO_TEST_CASE(unknown_attributes_are_reported_where_they_stand) {
  BOOST_TEST(problems_of("- .country == \"BE\"\n- .any_name == 1 and .contry == \"NL\"\n") ==
             "2:3: no attribute any_name\n2:22: no attribute contry (did you mean country?)");
  BOOST_TEST(problems_of("- not:\n    any:\n      - .name.gvien == \"A\"\n") ==
             "3:9: no attribute name.gvien (did you mean name.given?)");
  BOOST_TEST(problems_of("- .custom.whatever == \"A\"\n- .identifier.any == \"B\"\n") == "");
  BOOST_TEST(problems_of("- .birth_date == null\n", Entity::organization) ==
             "1:3: no attribute birth_date");
}

BOOST_AUTO_TEST_CASE(names_inside_a_list_are_not_those_of_the_profile) {
  BOOST_TEST(problems_of("- .emails | where(.usage == \"work\") | exists\n") == "");
}

BOOST_AUTO_TEST_CASE(what_the_items_of_a_list_do_not_have_is_reported) {
  BOOST_TEST(problems_of("- .addresses | where(.city == \"Leiden\") | exists\n") ==
             "1:22: an element of addresses has no field city (it has country, full, house_number, "
             "house_number_suffix, locality, postcode, status, street, subdivision, unit, usage)");
  BOOST_TEST(problems_of("- .orders | where(.statuss == \"paid\") | exists\n") ==
             "1:19: an order has no field statuss (did you mean status?)");
  BOOST_TEST(problems_of("- .orders | each(.lines) | where(.categry == \"bag\") | exists\n") ==
             "1:34: an order line has no field categry (did you mean category?)");
  BOOST_TEST(problems_of("- (.orders | latest).totl > 5\n") ==
             "1:3: an order has no field totl (did you mean total?)");
  BOOST_TEST(problems_of("- .events | where(.custom.anything == \"x\") | exists\n") == "");
  BOOST_TEST(problems_of(
                 "- .tags | contains(\"vip\")\n- .consents | where(.at != null) | exists\n") == "");
}

BOOST_AUTO_TEST_CASE(a_line_that_can_be_neither_true_nor_false_is_reported) {
  BOOST_TEST(
      problems_of("- .orders | count\n") ==
      "1:3: this gives a number, neither true nor false (compare it, as in (\xE2\x80\xA6) > 0)");
  BOOST_TEST(
      problems_of("- .orders | where(.status == \"paid\")\n") ==
      "1:3: this gives a list, neither true nor false (write \xE2\x80\xA6 | exists for any at "
      "all)");
  BOOST_TEST(
      problems_of("- .birth_date\n") ==
      "1:3: this gives a date, neither true nor false (compare it, or write \xE2\x80\xA6 != null "
      "for any at all)");
  BOOST_TEST(problems_of("- .custom.tier\n- .test_record\n") == "");
  BOOST_TEST(problems_of("- .name == \"Anna\"\n") ==
             "1:3: an object is never compared with a text (name one of its fields)");
  BOOST_TEST(
      problems_of("- .tags == \"vip\"\n").starts_with("1:3: a list is never compared with a text"));
  BOOST_TEST(problems_of("- .name != null\n- .death == null\n") == "");
}

BOOST_AUTO_TEST_CASE(types_that_never_go_together_are_reported) {
  BOOST_TEST(problems_of("- .orders | where(.number == 4411) | exists\n") ==
             "1:19: a text is never compared with a number (number() makes a number of a text, "
             "bool() true "
             "or false)");
  BOOST_TEST(problems_of("- .orders | where(.total > \"100 EUR\") | exists\n")
                 .starts_with("1:19: money is never compared with a text"));
  BOOST_TEST(problems_of("- .birth_date | within(30d) | exists\n") ==
             "1:3: within() needs a list here (within(list, duration))");
  BOOST_TEST(problems_of("- (.orders | sum(.lines.unit_price)) > 1\n")
                 .find("a list has no field unit_price") != std::string::npos);
  BOOST_TEST(problems_of("- .birth_date < \"1980-01-01\"\n- .orders | where(.total >= 100 and .at "
                         "> \"2026-01-01\") | "
                         "exists\n") == "");
}

BOOST_AUTO_TEST_CASE(expressions_that_do_not_compile_are_reported) {
  BOOST_TEST(problems_of("- .country ==\n").starts_with("1:"));
}

BOOST_AUTO_TEST_CASE(lines_are_printed_for_the_funnel) {
  config::Diagnostics diagnostics;
  const segment::Audience audience(
      audience_of(
          "- .country   ==  \"BE\"\n- any:\n    - .gender == \"male\"\n    - not: .test_record\n",
          diagnostics),
      Entity::person, config::Project(), diagnostics);
  BOOST_REQUIRE_EQUAL(audience.lines().size(), 2U);
  BOOST_TEST(audience.lines()[0] == ".country == \"BE\"");
  BOOST_TEST(audience.lines()[1] == "any of (.gender == \"male\"; not (.test_record))");
  BOOST_TEST(!audience.depends_on_time());
}

BOOST_AUTO_TEST_CASE(the_fingerprint_follows_the_meaning) {
  const std::uint64_t same = fingerprint_of("- .country == \"BE\"\n");
  BOOST_TEST(fingerprint_of("- .country   == \"BE\"   # Belgium\n") == same);
  BOOST_TEST(fingerprint_of("- .country == \"NL\"\n") != same);
  BOOST_TEST(fingerprint_of("- not: .country == \"BE\"\n") != same);
  BOOST_TEST(fingerprint_of("- .country == \"BE\"\n", Entity::organization) != same);
  BOOST_TEST(fingerprint_of("- .country == \"BE\"\n- .country == \"BE\"\n") != same);
}

BOOST_AUTO_TEST_SUITE_END()
