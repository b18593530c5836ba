#include <boost/test/unit_test.hpp>

#include "expression/expression.h"
#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;
using Kind = map::Mapped::Kind;

BOOST_AUTO_TEST_SUITE(map_values)

namespace {
/// The cells of the only record that `map_lines` make of `json`, or the reason why there is none.
std::string cells_of(std::string_view map_lines, std::string_view json,
                     std::string_view entity = "person") {
  Fixture fixture;
  const std::string yaml =
      "stream: Contact\nentity: " + std::string(entity) + "\nmap:\n" + std::string(map_lines);
  const Outcome outcome = fixture.map(yaml, json);
  if (outcome.kind != Kind::mapped) return outcome.reason;
  BOOST_REQUIRE_EQUAL(outcome.records.size(), 1U);
  return joined(outcome.records.front().cells);
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_plain_path_fills_its_target) {
  BOOST_TEST(cells_of("  name.given: .FirstName\n  name.surname: .Name.Last\n",
                      R"({"Id":"003A","FirstName":"Anna","Name":{"Last":"Berg"}})") ==
             "name.given=Anna\nname.surname=Berg\n");
}

BOOST_AUTO_TEST_CASE(missing_null_and_empty_leave_the_cell_out) {
  BOOST_TEST(cells_of("  name.given: .A\n  name.surname: .B\n  occupation: .C.D\n  language: .E\n",
                      R"({"Id":"1","A":null,"B":"","E":"nl"})") == "language=nl\n");
}

BOOST_AUTO_TEST_CASE(scalars_of_other_types_get_their_canonical_text) {
  BOOST_TEST(cells_of("  custom.a: .a\n  custom.b: .b\n  custom.c: .c\n",
                      R"({"Id":7,"a":42,"b":1.50,"c":false})") ==
             "custom.a=42\ncustom.b=1.5\ncustom.c=false\n");
}

BOOST_AUTO_TEST_CASE(text_that_starts_with_no_dot_is_a_constant_and_quotes_change_nothing) {
  BOOST_TEST(cells_of("  country: \"NO\"\n  occupation: baker\n  custom.a: 5\n", R"({"Id":"1"})") ==
             "custom.a=5\ncountry=NO\noccupation=baker\n");
}

BOOST_AUTO_TEST_CASE(a_quoted_expression_is_an_expression) {
  BOOST_TEST(cells_of("  name.given: '.\"First Name\"'\n", R"({"Id":"1","First Name":"Anna"})") ==
             "name.given=Anna\n");
}

BOOST_AUTO_TEST_CASE(const_holds_any_text) {
  BOOST_TEST(cells_of("  occupation: { const: \".a | (b)\" }\n", R"({"Id":"1"})") ==
             "occupation=.a | (b)\n");
}

BOOST_AUTO_TEST_CASE(functions_work_on_the_way) {
  BOOST_TEST(cells_of("  custom.tier: .Tier | lower\n", R"({"Id":"1","Tier":"GOLD"})") ==
             "custom.tier=gold\n");
}

BOOST_AUTO_TEST_CASE(identifiers_and_custom_carry_their_name) {
  BOOST_TEST(cells_of("  identifier.kvk: .K\n  custom.k: .K\n", R"({"Id":"1","K":"12345678"})",
                      "organization") == "custom.k=12345678\nidentifier.kvk=12345678\n");
}

BOOST_AUTO_TEST_CASE(when_decides_about_one_value) {
  const char* map = "  occupation: { when: .Type == \"staff\", value: .Job }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","Type":"staff","Job":"baker"})") == "occupation=baker\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Type":"guest","Job":"baker"})") == "");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Job":"baker"})") == "");
}

BOOST_AUTO_TEST_CASE(a_condition_takes_the_booleans_of_databases_and_spreadsheets) {
  const char* map = "  occupation: { when: .Flag, const: baker }\n";
  for (const char* yes : {"true", "1", "\"1\"", "\"true\"", "\"True\""}) {
    const std::string json = std::string(R"({"Id":"1","Flag":)") + yes + "}";
    BOOST_TEST(cells_of(map, json) == "occupation=baker\n");
  }
  for (const char* no : {"false", "0", "\"0\"", "\"false\"", "null", "\"\""}) {
    const std::string json = std::string(R"({"Id":"1","Flag":)") + no + "}";
    BOOST_TEST(cells_of(map, json) == "");
  }
  BOOST_TEST(cells_of(map, R"({"Id":"1","Flag":"maybe"})") ==
             "occupation: the condition is neither true nor false");
}

BOOST_AUTO_TEST_CASE(words_are_translated) {
  const char* map =
      "  gender: { from: .Salutation, values: { Dhr.: male, Mevr.: female }, else: unknown }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","Salutation":"Mevr."})") == "gender=female\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Salutation":"Dr."})") == "gender=unknown\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1"})") == "gender=unknown\n");
}

BOOST_AUTO_TEST_CASE(an_unnamed_word_without_else_leaves_the_value_out) {
  const char* map = "  gender: { from: .Code, values: { 1: male, 2: female } }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","Code":2})") == "gender=female\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1","Code":9})") == "");
}

BOOST_AUTO_TEST_CASE(an_unnamed_word_is_refused_where_the_value_is_required) {
  BOOST_TEST(cells_of("  gender: { from: .Code, values: { 1: male }, required: true }\n",
                      R"({"Id":"1","Code":9})") == "gender is required and empty");
}

BOOST_AUTO_TEST_CASE(a_translated_word_keeps_what_the_source_said) {
  Fixture fixture;
  const auto plan = fixture.compile(
      "entity: person\nmap: { gender: { from: .S, values: { Dhr.: male }, else: unknown } }\n");
  BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
  map::Mapper mapper(plan);
  Arena arena;
  mapper.identify(R"({"Id":"1","S":"Dhr."})", arena);
  map::Mapped mapped = mapper.map(no_time, arena);
  BOOST_REQUIRE_EQUAL(mapped.records.size(), 1U);
  BOOST_TEST(mapped.records[0].cells->cells().at(0).raw == "Dhr.");
  BOOST_TEST(int(mapped.records[0].cells->cells().at(0).rule) == int(Rule::mapped));
  mapper.identify(R"({"Id":"1","S":"?"})", arena);
  mapped = mapper.map(no_time, arena);
  BOOST_TEST(mapped.records[0].cells->cells().at(0).raw == "?");
  BOOST_TEST(int(mapped.records[0].cells->cells().at(0).rule) == int(Rule::default_value));
}

BOOST_AUTO_TEST_CASE(a_required_value_that_is_empty_refuses_the_record) {
  const char* map = "  name.surname: { value: .LastName, required: true }\n";
  BOOST_TEST(cells_of(map, R"({"Id":"1","LastName":"Berg"})") == "name.surname=Berg\n");
  BOOST_TEST(cells_of(map, R"({"Id":"1"})") == "name.surname is required and empty");
}

BOOST_AUTO_TEST_CASE(lists_and_objects_do_not_fit_in_one_value) {
  BOOST_TEST(cells_of("  name.given: .A\n", R"({"Id":"1","A":["x"]})") ==
             "name.given: a list stands where one value belongs: use first, last or join");
  BOOST_TEST(cells_of("  name.given: .A\n", R"({"Id":"1","A":{"x":1}})") ==
             "name.given: an object stands where one value belongs: name one of its fields");
}

BOOST_AUTO_TEST_CASE(an_expression_that_fails_names_its_target) {
  const std::string reason =
      cells_of("  custom.n: .A | number(\",\")\n", R"({"Id":"1","A":"no number at all"})");
  BOOST_TEST(reason.starts_with("custom.n: "), reason);
}

BOOST_AUTO_TEST_CASE(a_reference_is_the_name_of_the_other_record) {
  const char* map = "  party: { to: customers, key: .customer }\n";
  Fixture fixture;
  fixture.job = 1;
  const std::string yaml = std::string("stream: orders\nentity: order\nmap:\n") + map;
  const Outcome outcome = fixture.map(yaml, R"({"Id":1,"customer":"a.b/7"})");
  BOOST_REQUIRE_MESSAGE(outcome.records.size() == 1, outcome.reason);
  BOOST_TEST(joined(outcome.records[0].cells) ==
             "party=" + record_name("webshop", "customers", "a.b/7") + "\n");
}

BOOST_AUTO_TEST_CASE(a_reference_may_cross_sources_and_have_several_key_parts) {
  const char* map = "  party: { when: .c != 0, to: webshop.customers, key: [guest, .c] }\n";
  const std::vector<std::string_view> parts{"guest", "7"};
  const std::string name = record_name("webshop", "customers", join_key(parts));
  BOOST_TEST(cells_of(map, R"({"Id":1,"c":7})", "order") == "party=" + name + "\n");
  BOOST_TEST(cells_of(map, R"({"Id":1,"c":0})", "order") == "");
  BOOST_TEST(cells_of(map, R"({"Id":1,"c":null})", "order") == "");
}

BOOST_AUTO_TEST_CASE(the_first_known_actor_counts) {
  const char* map = "  type: page_view\n  actor.email: .mail\n  actor.visitor: .visit.id\n";
  BOOST_TEST(cells_of(map, R"({"Id":1,"mail":"a@example.com","visit":{"id":"x1"}})", "event") ==
             "type=page_view\nactor=email:a@example.com\n");
  BOOST_TEST(cells_of(map, R"({"Id":1,"visit":{"id":"x1"}})", "event") ==
             "type=page_view\nactor=visitor:x1\n");
}

BOOST_AUTO_TEST_CASE(money_as_a_source_writes_it_is_not_taken_for_cents) {
  BOOST_TEST(cells_of("  total: .Total\n", R"({"Id":1,"Total":"20 EUR"})", "order") ==
             "total=EUR 20\n");
  BOOST_TEST(cells_of("  total: .Total\n", R"({"Id":1,"Total":"19.90 EUR"})", "order") ==
             "total=19.90 EUR\n");
  BOOST_TEST(cells_of("  total: .Total | money(\"EUR\")\n", R"({"Id":1,"Total":20})", "order") ==
             "total=2000 EUR\n");
}

BOOST_AUTO_TEST_CASE(a_path_through_text_is_what_the_expression_says) {
  // The fast way over plain paths must not differ from evaluation.
  expression::Expression path;
  expression::Problem problem;
  BOOST_REQUIRE(expression::Expression::compile(".a.b", path, problem));
  Arena arena;
  JsonReader reader;
  const char* json = R"({"Id":"1","a":"text"})";
  const Result<Value> source = reader.parse(json, arena);
  BOOST_REQUIRE(source.ok());
  expression::Scope scope;
  scope.current = scope.root = *source;
  scope.arena = &arena;
  const Result<Value> expected = path.evaluate(scope);
  const std::string mapped = cells_of("  name.given: .a.b\n", json);
  BOOST_TEST(mapped == (expected.ok() ? "" : "name.given: " + expected.error().message));
}

BOOST_AUTO_TEST_SUITE_END()
