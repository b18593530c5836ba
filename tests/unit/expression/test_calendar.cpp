#include <boost/test/unit_test.hpp>

#include "unit/expression/evaluate.h"

namespace rondom::expression::test {
namespace {

/// What an expression over one text gives on a day, and when that may change: "45 until …".
std::string at(const char* function, const char* text, const char* as_of,
               const char* zone = "Europe/Amsterdam") {
  const Expression expression = compiled(function);
  BOOST_TEST(expression.depends_on_time());
  Arena arena;
  const Member member{"x", Value::text(text)};
  Timestamp changes_at = no_time;
  Scope scope;
  scope.current = scope.root = Value::object(&member, 1);
  scope.as_of = parse_time(as_of).value();
  scope.time_zone = zone;
  scope.arena = &arena;
  scope.changes_at = &changes_at;
  const Result<Value> value = expression.evaluate(scope);
  if (!value.ok()) return "! " + value.error().message;
  std::string out;
  value->append_json(out);
  return changes_at == no_time ? out : out + " until " + format_time(changes_at);
}

BOOST_AUTO_TEST_SUITE(calendar)

BOOST_AUTO_TEST_CASE(a_year_is_gained_at_local_midnight_of_the_birthday) {
  const char* const age = ".x | age";
  BOOST_TEST(at(age, "1980-06-15", "2026-06-14T21:59:59Z") == "45 until 2026-06-14T22:00:00Z");
  BOOST_TEST(at(age, "1980-06-15", "2026-06-14T22:00:00Z") == "46 until 2027-06-14T22:00:00Z");
  BOOST_TEST(at(age, "1980-06-15", "2026-06-14T22:00:00Z", "UTC") ==
             "45 until 2026-06-15T00:00:00Z");
  BOOST_TEST(at(age, "2026-06-15", "2026-06-15T12:00:00Z") == "0 until 2027-06-14T22:00:00Z");
  BOOST_TEST(at(age, "2026-06-16", "2026-06-15T12:00:00Z") == "null until 2026-06-15T22:00:00Z");
  BOOST_TEST(at(age, "1980-06-15T22:30:00Z", "2026-06-15T12:00:00Z") ==
             "45 until 2026-06-15T22:00:00Z");
  BOOST_TEST(at(age, "", "2026-06-15T12:00:00Z") == "null");
  BOOST_TEST(at(age, "June", "2026-06-15T12:00:00Z") == "! age(): the text is no date");
}

BOOST_AUTO_TEST_CASE(born_on_29_february_is_older_on_1_march_where_there_is_none) {
  const char* const age = ".x | age";
  BOOST_TEST(at(age, "2004-02-29", "2022-02-28T22:59:59Z") == "17 until 2022-02-28T23:00:00Z");
  BOOST_TEST(at(age, "2004-02-29", "2022-02-28T23:00:00Z") == "18 until 2023-02-28T23:00:00Z");
  BOOST_TEST(at(age, "2004-02-29", "2024-02-28T22:59:59Z") == "19 until 2024-02-28T23:00:00Z");
  BOOST_TEST(at(age, "2004-02-29", "2024-02-28T23:00:00Z") == "20 until 2025-02-28T23:00:00Z");
}

BOOST_AUTO_TEST_CASE(a_partial_date_gives_bounds) {
  const char* const day = "2026-06-15T12:00:00Z";
  BOOST_TEST(at(".x | age", "1980", day) == "null until 2026-12-30T23:00:00Z");
  BOOST_TEST(at(".x | age(\"least\")", "1980", day) == "45 until 2026-12-30T23:00:00Z");
  BOOST_TEST(at(".x | age(\"most\")", "1980", day) == "46 until 2026-12-31T23:00:00Z");
  // 1980 is certain on the last day of a year only.
  BOOST_TEST(at(".x | age", "1980", "2026-12-31T12:00:00Z") == "46 until 2026-12-31T23:00:00Z");
  BOOST_TEST(at(".x | age", "1980-05", day) == "46 until 2027-04-30T22:00:00Z");
  BOOST_TEST(at(".x | age", "1980-06", day) == "null until 2026-06-29T22:00:00Z");
  BOOST_TEST(at(".x | age", "1980-07", day) == "45 until 2026-06-30T22:00:00Z");
  BOOST_TEST(at(".x | age(\"least\")", "1980-02", day) == "46 until 2027-02-28T23:00:00Z");
  BOOST_TEST(at(".x | age(\"least\")", "2026", day) == "0 until 2026-12-30T23:00:00Z");
  BOOST_TEST(at(".x | age(\"most\")", "--06-15", day) == "null");
}

BOOST_AUTO_TEST_CASE(days_are_those_of_the_calendar) {
  const char* const days = ".x | days_since";
  BOOST_TEST(at(days, "2026-06-14T21:59:59Z", "2026-06-14T22:00:00Z") ==
             "1 until 2026-06-15T22:00:00Z");
  BOOST_TEST(at(days, "2026-06-14T22:00:00Z", "2026-06-15T21:59:59Z") ==
             "0 until 2026-06-15T22:00:00Z");
  BOOST_TEST(at(days, "2026-06-17", "2026-06-15T12:00:00Z") == "-2 until 2026-06-15T22:00:00Z");
  // Over the night in which clocks go forward.
  BOOST_TEST(at(days, "2026-03-28", "2026-03-30T10:00:00Z") == "2 until 2026-03-30T22:00:00Z");
  BOOST_TEST(at(days, "2026-06", "2026-06-15T12:00:00Z") == "null");
}

BOOST_AUTO_TEST_CASE(a_window_tells_its_next_edge) {
  const Expression expression = compiled(".orders | within(10d) | count");
  Arena arena;
  const Timestamp start = parse_time("2026-01-01T00:00:00Z").value();
  const auto day = [&](int days) { return start + days * microseconds_per_day; };
  const Member first{"at", Value::time(day(0))}, second{"at", Value::time(day(5))};
  const Value items[] = {Value::object(&first, 1), Value::object(&second, 1)};
  const Member orders{"orders", Value::list(items, 2)};
  const auto run = [&](Timestamp as_of) {
    Timestamp changes_at = no_time;
    Scope scope;
    scope.current = scope.root = Value::object(&orders, 1);
    scope.as_of = as_of;
    scope.arena = &arena;
    scope.changes_at = &changes_at;
    const std::int64_t count = expression.evaluate(scope).value().as_integer();
    return std::to_string(count) + " until day " +
           (changes_at == no_time ? "never"
                                  : std::to_string((changes_at - start) / microseconds_per_day));
  };
  BOOST_TEST(run(day(-1)) == "0 until day 0");
  BOOST_TEST(run(day(0)) == "1 until day 5");
  BOOST_TEST(run(day(5)) == "2 until day 10");
  BOOST_TEST(run(day(10) - 1) == "2 until day 10");
  BOOST_TEST(run(day(10)) == "1 until day 15");
  BOOST_TEST(run(day(15)) == "0 until day never");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(arithmetic)

BOOST_AUTO_TEST_CASE(numbers_and_money) {
  BOOST_TEST(run("minus(5, 7)", "null") == "-2");
  BOOST_TEST(run("minus(0.3, 0.1)", "null") == "0.2");
  BOOST_TEST(run("minus(.a, 1)", "{}") == "null");
  BOOST_TEST(run("minus(money(5, \"EUR\"), money(7, \"EUR\"))", "null") == "\"-200 EUR\"");
  BOOST_TEST(run("minus(money(5, \"EUR\"), 1)", "null") ==
             "! minus(): money and plain numbers do not go together");
  BOOST_TEST(run("minus(money(5, \"EUR\"), money(7, \"USD\"))", "null") ==
             "! minus(): the money is of different currencies");
  BOOST_TEST(run("divide(1, 0)", "null") == "null");
  BOOST_TEST(run("divide(-1, -8)", "null") == "0.125");
  BOOST_TEST(run("divide(3, 1.5)", "null") == "2");
  BOOST_TEST(run("divide(money(10, \"EUR\"), 3)", "null") == "\"333 EUR\"");
  BOOST_TEST(run("divide(money(10, \"EUR\"), money(4, \"EUR\"))", "null") == "2.5");
  BOOST_TEST(run("divide(2, money(4, \"EUR\"))", "null") ==
             "! divide(): a number is not divided by money");
  BOOST_TEST(run("times(money(9.99, \"EUR\"), 1.5)", "null") == "\"1499 EUR\"");
  BOOST_TEST(run("times(2, money(9.99, \"EUR\"))", "null") == "\"1998 EUR\"");
  BOOST_TEST(run("times(\"a\", 2)", "null") ==
             "! times(): numbers or money are needed, and this is of type text");
}

BOOST_AUTO_TEST_CASE(bands) {
  const auto band = [](const char* value) {
    return run(std::string("band(") + value + ", \"low\", 10, \"middle\", 20.5, \"high\")", "null");
  };
  BOOST_TEST(band("9.99") == "\"low\"");
  BOOST_TEST(band("10") == "\"middle\"");
  BOOST_TEST(band("20.5") == "\"high\"");
  BOOST_TEST(band("null") == "null");
  BOOST_TEST(band("money(15, \"EUR\")") == "\"middle\"");
  BOOST_TEST(band("\"x\"") ==
             "! band(): a bound of type integer does not compare with a value of type text");
  BOOST_TEST(run("band(1, \"a\", 2, \"b\", 3)", "null") ==
             "! band(): a word stands before and after each bound");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::expression::test
