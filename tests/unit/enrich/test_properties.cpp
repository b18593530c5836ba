// The plan gives what interpreting each definition by itself gives, and knows when that changes,
// for random definitions and random histories.
#include <algorithm>
#include <array>

#include "unit/enrich/dice.h"
#include "unit/enrich/world.h"

namespace rondom::enrich::test {
namespace {

std::string number(Dice& dice, int below) {
  return std::to_string(dice() % static_cast<std::uint64_t>(below));
}

constexpr std::int64_t start = 1'767'225'600;  // 2026-01-01T00:00:00Z

/// Times cluster on a few days, so that windows, orders and midnights meet.
std::string moment(Dice& dice) {
  static const char* const odd[] = {"null", "\"2025-12\"", "\"2026-01-03\"", "\"no time\"", "7"};
  if (dice() % 20 == 0) return one_of(dice, odd);
  const std::int64_t day = static_cast<std::int64_t>(dice() % 60) - 40;
  const std::int64_t second = dice() % 3 == 0 ? 0 : static_cast<std::int64_t>(dice() % 86'400);
  return "\"" + format_time((start + day * 86'400 + second) * microseconds_per_second) + "\"";
}

std::string money(Dice& dice) {
  if (dice() % 15 == 0) return "null";
  if (dice() % 40 == 0) return "\"9.50 USD\"";
  if (dice() % 40 == 0) return "\"much\"";
  return "\"" + number(dice, 40) + "." + std::to_string(10 + dice() % 90) + " EUR\"";
}

std::string status(Dice& dice) {
  static const char* const words[] = {"\"paid\"",    "\"paid\"", "\"open\"",
                                      "\"shipped\"", "null",     "3"};
  static const char* const odd[] = {"[\"paid\"]", "true", "2.5", "\"3.00 EUR\"", "{\"a\":1}"};
  return dice() % 60 == 0 ? one_of(dice, odd) : one_of(dice, words);
}

std::string lines(Dice& dice) {
  static const char* const categories[] = {"\"a\"", "\"b\"", "\"c\"", "null"};
  static const char* const odd[] = {"null", "{\"category\":\"a\"}", "[1]", "[null]"};
  if (dice() % 40 == 0) return one_of(dice, odd);
  std::string out = "[";
  for (std::uint64_t i = dice() % 4; i > 0; --i) {
    out += (out.size() > 1 ? "," : "") + std::string("{\"category\":") + one_of(dice, categories) +
           ",\"quantity\":" + (dice() % 5 == 0 ? "1.5" : number(dice, 5)) +
           ",\"total\":" + money(dice) + "}";
  }
  return out + "]";
}

std::string history(Dice& dice) {
  static const char* const births[] = {"\"2004-02-29\"", "\"1980\"", "\"1980-12\"",
                                       "\"--01-03\"",    "null",     "\"2007-12-30\"",
                                       "\"2026-01-20\""};
  static const char* const types[] = {"\"mail\"", "\"visit\"", "\"complaint\"", "null"};
  std::string orders, events;
  const std::uint64_t many = dice() % 12 == 0 ? 90 : 8;
  for (std::uint64_t i = dice() % many; i > 0; --i) {
    orders += (orders.empty() ? "" : ",") + std::string("{\"at\":") + moment(dice) +
              ",\"status\":" + status(dice) + ",\"custom\":{\"n\":" + status(dice) +
              "},\"total\":" + money(dice) + ",\"lines\":" + lines(dice) + "}";
  }
  for (std::uint64_t i = dice() % 6; i > 0; --i) {
    events += (events.empty() ? "" : ",") + std::string("{\"at\":") + moment(dice) +
              ",\"type\":" + one_of(dice, types) + "}";
  }
  return "{\"profile\":{\"birth_date\":" + one_of(dice, births) +
         ",\"country\":\"NL\"},\"orders\":[" + orders + "],\"events\":[" + events + "]}";
}

std::string condition(Dice& dice, bool of_event) {
  static const char* const of_orders[] = {".status == \"paid\"",
                                          "\"open\" == .status",
                                          ".status in [\"paid\", \"shipped\"]",
                                          ".custom.n == 3",
                                          ".custom.n == \"paid\"",
                                          ".status != \"open\"",
                                          "year(.at) == 2025",
                                          "year(.at) == 2026",
                                          ".total > 10",
                                          ".total >= 20 or .status == \"open\"",
                                          "not .status == \"paid\"",
                                          ".lines | where(.category == \"a\") | exists",
                                          ".total > 5 and .status == \"paid\"",
                                          "days_since(.at) < 9",
                                          ".custom.n",
                                          "$.country == \"NL\""};
  static const char* const of_events[] = {".type == \"mail\"",
                                          ".type in [\"visit\", \"complaint\"]", ".type == null",
                                          "year(.at) == 2026"};
  const std::string first = of_event ? one_of(dice, of_events) : one_of(dice, of_orders);
  if (dice() % 2 == 0) return first;
  return "(" + first + ") and (" + (of_event ? one_of(dice, of_events) : one_of(dice, of_orders)) +
         ")";
}

/// A list of activities; `lines`: of their lines.
std::string chain(Dice& dice, bool of_event, bool& lines) {
  static const char* const windows[] = {"1d", "5d", "20d", "36h", "400d"};
  static const char* const of_lines[] = {".category == \"a\"", ".category in [\"a\", \"b\"]",
                                         ".quantity > 1", ".category == \"c\" and .quantity >= 1"};
  static const char* const orders[] = {".orders", ".orders", ".some_orders", ".few_orders"};
  std::string out = of_event ? ".events" : one_of(dice, orders);
  for (std::uint64_t i = dice() % 3; i > 0; --i) {
    out += dice() % 2 == 0 ? " | within(" + one_of(dice, windows) + ")"
                           : " | where(" + condition(dice, of_event) + ")";
  }
  lines = !of_event && dice() % 3 == 0;
  if (lines) {
    out += " | each(.lines)";
    if (dice() % 3 != 0) out += std::string(" | where(") + one_of(dice, of_lines) + ")";
  }
  return out;
}

/// A table of rules that look at lists, at the clock, at other attributes and at what is no
/// condition.
Given table(Dice& dice, const std::string& name, const std::vector<Given>& before) {
  static const char* const odd[] = {"(.orders | sum(.total)) > 20", "age(.birth_date) >= 18",
                                    "days_since((.orders | latest).at) < 5", ".custom.no",
                                    "$.country == \"NL\" and (.events | exists)"};
  static const char* const values[] = {"low", "high", "other", "(.orders | latest).status",
                                       ".country"};
  Given made{name, "text", {}, {}};
  for (std::uint64_t i = 1 + dice() % 4; i > 0; --i) {
    bool lines = false;
    std::string when = chain(dice, dice() % 3 == 0, lines) + " | exists";
    if (dice() % 3 == 0) when = one_of(dice, odd);
    if (dice() % 4 == 0 && !before.empty()) {
      const Given& read = before[dice() % before.size()];
      if (read.type == "integer") when = "." + read.name + " >= 1";
      if (read.type == "boolean") when = "not ." + read.name;
    }
    std::string value = one_of(dice, values);
    if (value.front() == '(') value = ".orders | each(.status) | first";
    made.rules.push_back(rule(i == 1 && dice() % 2 == 0 ? std::string() : when, value));
  }
  return made;
}

Given definition(Dice& dice, const std::string& name, const std::vector<Given>& before) {
  static const char* const formulas[][2] = {
      {"integer", "age(.birth_date)"},
      {"integer", "age(.birth_date, \"least\")"},
      {"boolean", "age(.birth_date, \"most\") >= 18"},
      {"integer", "days_since((.orders | latest).at)"},
      {"time", "(.orders | where(.status == \"paid\") | oldest).at"},
      {"text", "days_since((.orders | oldest).at) | band(\"new\", 3, \"known\", 30, \"old\")"},
      {"text", "(.orders | within(20d) | latest).status"}};
  if (dice() % 6 == 0) {
    const auto& formula = formulas[dice() % std::size(formulas)];
    return {name, formula[0], formula[1]};
  }
  // Attributes of attributes read all of them, whatever they are.
  std::vector<std::string> numbers, amounts;
  for (const Given& given : before) {
    if (given.type == "integer") numbers.push_back(given.name);
    if (given.type == "money") amounts.push_back(given.name);
  }
  if (dice() % 5 == 0 && !amounts.empty()) {
    return {name, "boolean", "." + amounts[dice() % amounts.size()] + " >= 20"};
  }
  if (dice() % 6 == 0 && numbers.size() > 1) {
    return {name, "integer", "minus(." + numbers.front() + ", ." + numbers.back() + ")"};
  }
  if (dice() % 6 == 0) return table(dice, name, before);
  const bool of_event = dice() % 4 == 0;
  bool lines = false;
  const std::string list = chain(dice, of_event, lines);
  switch (dice() % (of_event ? 4 : lines ? 8 : 9)) {
    case 0: return {name, "integer", list + " | count"};
    case 1: return {name, "boolean", list + " | exists"};
    case 2:
      return {name, "integer",
              list + (of_event ? " | distinct(.type) | count"
                      : lines  ? " | distinct(.category) | count"
                               : " | distinct(.status) | count")};
    case 3:
      if (of_event) return {name, "text", "(" + list + " | latest).type"};
      return {name, "money", list + " | max(.total)"};
    case 4: return {name, "money", list + " | sum(.total)"};
    case 5: return {name, "money", list + " | avg(.total)"};
    case 6: return {name, "money", list + " | min(.total)"};
    case 7:
      if (lines) return {name, "decimal", list + " | sum(.quantity)"};
      return {name, "money", "(" + list + " | oldest).total"};
    default: return {name, "time", list + " | max(.at)"};
  }
}

struct Tried {
  std::size_t values = 0, problems = 0, changes = 0, uncertain = 0;
};

void try_one(std::uint64_t seed, Tried& tried, Plan::Shares& shares) {
  Dice dice(seed);
  // Lists that others go on from, one made of the other.
  std::vector<Given> given = {
      {"few_orders", "orders",
       ".some_orders | where(.total > 5 and not .at < ($.some_orders | oldest).at) | within(20d)"},
      {"some_orders", "orders", ".orders | where(.status in [\"paid\", \"shipped\", \"open\"])"}};
  for (int i = 0; i < 12; ++i) given.push_back(definition(dice, "a" + std::to_string(i), given));
  const config::Project project = project_of(given);
  config::Diagnostics diagnostics;
  const Plan plan(project, Entity::person, profile_fields(), diagnostics);
  BOOST_TEST_CONTEXT("seed " << seed) {
    BOOST_TEST_REQUIRE(diagnostics.render("") == "");
    shares.planned += plan.shares().planned;
    shares.interpreted += plan.shares().interpreted;
    Evaluator evaluator(plan), at_once(plan);
    std::vector<std::uint32_t> wanted(plan.size());
    for (std::uint32_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
    // One evaluator for several profiles: nothing of one stays for the next.
    for (int people = 0; people < 3; ++people) {
      const std::string json = history(dice);
      History who(json);
      who.input.as_of =
          (start + static_cast<std::int64_t>(dice() % (20 * 86'400))) * microseconds_per_second;
      std::vector<Computed> computed(wanted.size());
      evaluator.evaluate(who.input, wanted, Changes::find, computed);
      BOOST_TEST_REQUIRE(computed.size() == plan.size());
      // Some of them alone, in any order: what they read is not asked for by itself then.
      std::vector<std::uint32_t> some;
      for (const std::uint32_t id : wanted) {
        if (dice() % 3 != 0) continue;
        some.insert(some.begin() + static_cast<std::ptrdiff_t>(dice() % (some.size() + 1)), id);
      }
      std::vector<Computed> alone(some.size());
      at_once.evaluate(who.input, some, Changes::ignore, alone);
      for (std::size_t i = 0; i < some.size(); ++i) {
        BOOST_TEST(shown(alone[i]) == shown(computed[some[i]]), given[some[i]].name);
      }
      for (std::size_t i = 0; i < plan.size(); ++i) {
        const auto at = [&](Timestamp as_of) {
          return Interpreter(project, who.input, as_of)(given[i].name);
        };
        BOOST_TEST_CONTEXT(given[i].name << " = " << given[i].value << "\n"
                                         << json << "\nas of " << format_time(who.input.as_of)) {
          BOOST_TEST(shown(computed[i]) == at(who.input.as_of));
          ++tried.values;
          if (!computed[i].problem.empty()) ++tried.problems;
          const Timestamp changes_at = computed[i].changes_at;
          if (changes_at == no_time) {
            BOOST_TEST(at(who.input.as_of + 3'650 * microseconds_per_day) == shown(computed[i]));
            continue;
          }
          BOOST_TEST(changes_at > who.input.as_of);
          BOOST_TEST(at(changes_at - 1) == shown(computed[i]));
          if (computed[i].certain) BOOST_TEST(at(changes_at) != shown(computed[i]));
          if (!computed[i].certain) ++tried.uncertain;
          ++tried.changes;
        }
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE(enrich_properties)

BOOST_AUTO_TEST_CASE(a_plan_gives_what_interpreting_gives_and_knows_when_it_changes) {
  Tried tried;
  Plan::Shares shares;
  constexpr std::uint64_t seeds = 300;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) try_one(seed, tried, shares);
  BOOST_TEST_MESSAGE(tried.values << " values, " << tried.problems << " problems, " << tried.changes
                                  << " changes, " << tried.uncertain << " uncertain; "
                                  << shares.planned << " aggregates planned, " << shares.interpreted
                                  << " interpreted");
  // The histories are odd enough, and most of the work is planned.
  BOOST_TEST(tried.problems > tried.values / 100);
  BOOST_TEST(tried.problems < tried.values / 3);
  BOOST_TEST(tried.changes > tried.values / 5);
  // Bands of days that nobody leaves any more.
  BOOST_TEST(tried.uncertain < tried.changes / 4);
  BOOST_TEST(shares.planned > 4 * shares.interpreted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::enrich::test
