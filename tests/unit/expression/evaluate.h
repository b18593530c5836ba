// Short ways to run an expression in tests.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>

#include "expression/expression.h"
#include "expression/library.h"
#include "pipeline/normalize/normalize.h"

namespace rondom::expression::test {

/// What the examples of the functions are run with.
struct Surroundings {
  std::string as_of = "2026-03-14T12:00:00Z";
  std::string country = "NL";
  std::string time_zone = "Europe/Amsterdam";
};

/// The tables that the examples name.
inline const Library& library() {
  static const Library made = [] {
    Library all;
    auto branches = std::make_shared<Lookup>("branches");
    BOOST_REQUIRE(branches->add("020", R"("Amsterdam")").ok());
    BOOST_REQUIRE(branches->add("030", R"("Utrecht")").ok());
    BOOST_REQUIRE(branches->add("10", R"({"city":"Rotterdam","floors":3})").ok());
    all.add(std::shared_ptr<const Lookup>(branches));
    auto grades = std::make_shared<Lookup>("grades");
    BOOST_REQUIRE(grades->add("A", "1").ok());
    BOOST_REQUIRE(grades->set_otherwise("9").ok());
    all.add(std::shared_ptr<const Lookup>(grades));
    auto categories = std::make_shared<Vocabulary>("product_category");
    for (const char* word : {"city_bike", "Stadsfiets", "city-bikes"}) {
      BOOST_REQUIRE(categories->add(word, "city_bike").empty());
    }
    for (const char* word : {"e_bike", "Elektrische fiets"}) {
      BOOST_REQUIRE(categories->add(word, "e_bike").empty());
    }
    all.add(std::shared_ptr<const Vocabulary>(categories));
    return all;
  }();
  return made;
}

inline Cleaners& cleaners() {
  static const std::unique_ptr<Cleaners> made = normalize::make_cleaners();
  return *made;
}

inline Expression compiled(std::string_view text) {
  Expression expression;
  Problem problem;
  BOOST_REQUIRE_MESSAGE(Expression::compile(text, expression, problem, &library()),
                        text << " at " << problem.offset << ": " << problem.message);
  return expression;
}

/// The result as JSON, or "! " and the reason.
inline std::string run(std::string_view text, std::string_view input = "null",
                       const Surroundings& surroundings = {}) {
  const Expression expression = compiled(text);
  Arena arena;
  JsonReader reader;
  const Result<Value> record = reader.parse(input, arena);
  BOOST_REQUIRE_MESSAGE(record.ok(), input);
  Scope scope;
  scope.current = *record;
  scope.root = *record;
  scope.as_of = surroundings.as_of.empty() ? no_time : parse_time(surroundings.as_of).value();
  scope.country = surroundings.country;
  scope.time_zone = surroundings.time_zone;
  scope.arena = &arena;
  scope.cleaners = &cleaners();
  const Result<Value> result = expression.evaluate(scope);
  if (!result) {
    BOOST_TEST(bool(result.error().code == ErrorCode::data));
    return "! " + result.error().message;
  }
  std::string out;
  result->append_json(out);
  return out;
}

/// The first problem of a text that must not compile, as "offset+length message (hint)".
inline std::string problem_of(std::string_view text) {
  Expression expression;
  Problem problem;
  if (Expression::compile(text, expression, problem, &library())) return "compiles";
  BOOST_TEST(problem.offset <= text.size());
  BOOST_TEST(problem.length >= 1u);
  BOOST_TEST(!problem.message.empty());
  return std::to_string(problem.offset) + "+" + std::to_string(problem.length) + " " +
         problem.message + (problem.hint.empty() ? "" : " (" + problem.hint + ")");
}

}  // namespace rondom::expression::test
