// What derived attributes cost: bench-attributes [PROFILES]
//
// Five hundred attributes (spend and orders by category and year, windows, dates) over profiles with 20
// activities each: 14 orders of two lines and 6 events, made from a seed. Prints, on one core and as the
// best of three rounds, what one profile costs to read from stored cells, to compute, to compute with the
// moment at which time changes each value, and, of a sample, to interpret one definition after another,
// which is the reference of the same run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "expression/expression.h"
#include "pipeline/enrich/enrich.h"
#include "pipeline/segment/segment.h"

namespace {

using namespace rondom;
using Stopwatch = std::chrono::steady_clock;

constexpr std::size_t profiles_unless_told = 20'000;
constexpr std::size_t attributes_wanted = 500;
constexpr std::size_t interpreted_profiles = 50;
constexpr int orders_each = 14, events_each = 6, rounds = 3;
constexpr int years = 8, first_year = 2019;
constexpr double million = 1e6;
const char* const categories[] = {"city_bike", "e_bike", "race_bike", "child_bike",
                                  "helmet",    "lock",   "light",     "bag",
                                  "clothing",  "repair", "lease",     "parts"};

struct Stored {
  std::string profile;
  std::vector<std::string> orders, events;
};

std::string written(const std::vector<Cell>& cells) {
  RecordBuilder builder;
  for (const Cell& cell : cells) builder.add(cell);
  return std::string(builder.bytes());
}

Stored make(std::mt19937_64& dice, Timestamp as_of) {
  static const char* const states[] = {"paid", "paid", "shipped", "open", "cancelled"};
  static const char* const types[] = {"page_view", "mail_opened", "complaint", "call"};
  Stored made;
  const auto moment = [&] {
    const auto days = static_cast<std::int64_t>(dice() % (years * 365));
    return format_time(as_of - days * microseconds_per_day -
                       static_cast<std::int64_t>(dice() % 86'400) * microseconds_per_second);
  };
  made.profile = written({{attribute::birth_date, 0, "1980-02-29", {}, Rule::none, {}},
                          {attribute::country, 0, "NL", {}, Rule::none, {}},
                          {attribute::name_given, 0, "Anna", {}, Rule::none, {}}});
  for (int i = 0; i < orders_each; ++i) {
    const std::string at = moment(), total = std::to_string(dice() % 50'000) + " EUR",
                      price = std::to_string(dice() % 20'000) + " EUR";
    std::vector<Cell> cells = {{attribute::activity_at, 0, at, {}, Rule::none, {}},
                               {attribute::order_status, 0, states[dice() % 5], {}, Rule::none, {}},
                               {attribute::order_total, 0, total, {}, Rule::none, {}}};
    for (std::uint32_t line = 1; line <= 2; ++line) {
      cells.push_back(
          {attribute::line_category, line, categories[dice() % 12], {}, Rule::none, {}});
      cells.push_back({attribute::line_quantity, line, "1", {}, Rule::none, {}});
      cells.push_back({attribute::line_unit_price, line, price, {}, Rule::none, {}});
    }
    made.orders.push_back(written(cells));
  }
  for (int i = 0; i < events_each; ++i) {
    const std::string at = moment();
    made.events.push_back(
        written({{attribute::activity_at, 0, at, {}, Rule::none, {}},
                 {attribute::activity_type, 0, types[dice() % 4], {}, Rule::none, {}}}));
  }
  return made;
}

void add(config::Project& project, const std::string& name, const char* type,
         const std::string& value) {
  if (project.attributes.size() == attributes_wanted) return;
  config::Attribute& attribute = project.attributes.emplace_back();
  attribute.name = attribute.family = name;
  attribute.type = type;
  attribute.value.text = value;
}

config::Project make_project() {
  config::Project project;
  project.defaults = {"NL", "nl", "EUR", "Europe/Amsterdam"};
  const std::string counts = ".orders | where(.status in [\"paid\", \"shipped\"]";
  for (int year = first_year; year < first_year + years; ++year) {
    const std::string in_year = counts + " and year(.at) == " + std::to_string(year) + ")";
    const std::string suffix = "_" + std::to_string(year);
    add(project, "orders" + suffix, "integer", in_year + " | count");
    add(project, "spend" + suffix, "money", in_year + " | sum(.total)");
    add(project, "average" + suffix, "money", in_year + " | avg(.total)");
    for (const char* category : categories) {
      const std::string lines =
          in_year + " | each(.lines) | where(.category == \"" + category + "\")";
      add(project, std::string("spend_") + category + suffix, "money",
          lines + " | sum(.unit_price)");
      add(project, std::string("pieces_") + category + suffix, "decimal",
          lines + " | sum(.quantity)");
    }
  }
  for (const int days : {7, 30, 90, 180, 365, 730}) {
    const std::string suffix = "_" + std::to_string(days) + "d";
    const std::string window = " | within(" + std::to_string(days) + "d)";
    add(project, "orders" + suffix, "integer", counts + ")" + window + " | count");
    add(project, "spend" + suffix, "money", counts + ")" + window + " | sum(.total)");
    for (const char* category : categories) {
      add(project, std::string("spend_") + category + suffix, "money",
          counts + ")" + window + " | each(.lines) | where(.category == \"" + category +
              "\") | sum(.unit_price)");
    }
    for (const char* type : {"page_view", "mail_opened", "complaint", "call"}) {
      add(project, std::string(type) + suffix, "integer",
          std::string(".events | where(.type == \"") + type + "\")" + window + " | count");
    }
  }
  add(project, "age", "integer", ".birth_date | age");
  add(project, "last_order_at", "time", "(" + counts + ") | latest).at");
  add(project, "recency", "integer", "days_since(.last_order_at)");
  for (int i = 0; project.attributes.size() < attributes_wanted; ++i) {
    add(project, "big_" + std::to_string(i), "boolean",
        ".spend_365d >= " + std::to_string(100 + 10 * i));
  }
  return project;
}

enrich::Input read(const Stored& stored, Timestamp as_of, Arena& arena) {
  enrich::Input input;
  const auto list = [&](const std::vector<std::string>& all, Entity entity) {
    Value* items = arena.array<Value>(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      items[i] = segment::profile_value(all[i], entity, arena);
    }
    return Value::list(items, static_cast<std::uint32_t>(all.size()));
  };
  input.profile = segment::profile_value(stored.profile, Entity::person, arena);
  input.lists[0] = list(stored.orders, Entity::order);
  input.lists[1] = list(stored.events, Entity::event);
  input.as_of = as_of;
  input.country = "NL";
  input.arena = &arena;
  return input;
}

/// Microseconds a profile, the best of three rounds.
template <typename Each>
double measure(std::size_t count, Each each) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    const auto start = Stopwatch::now();
    for (std::size_t i = 0; i < count; ++i) each(i);
    const double all = std::chrono::duration<double, std::micro>(Stopwatch::now() - start).count();
    best = std::min(best, all / static_cast<double>(count));
  }
  return best;
}

void show(const char* what, double microseconds) {
  std::printf("%-46s %9.2f us a profile  %8.1f s for 1 M profiles\n", what, microseconds,
              microseconds * million / 1e6);
}

}  // namespace

int main(int count_of_words, char** words) {
  std::size_t count = profiles_unless_told;
  if (count_of_words > 1) count = std::max<std::size_t>(1, std::strtoull(words[1], nullptr, 10));
  const Timestamp as_of = parse_time("2026-03-14T12:00:00Z").value();
  std::mt19937_64 dice(1);
  std::vector<Stored> people;
  for (std::size_t i = 0; i < count; ++i) people.push_back(make(dice, as_of));
  const config::Project project = make_project();
  config::Diagnostics diagnostics;
  const enrich::Plan plan(project, Entity::person, segment::profile_fields(Entity::person),
                          diagnostics);
  if (!diagnostics.empty()) {
    std::fprintf(stderr, "%s", diagnostics.render("").c_str());
    return 1;
  }
  enrich::Evaluator evaluator(plan);
  std::vector<std::uint32_t> wanted(plan.size());
  for (std::uint32_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
  std::vector<enrich::Computed> computed;
  Arena arena;
  std::size_t values = 0, changing = 0;
  std::printf(
      "%zu attributes (%zu aggregates planned, %zu interpreted) over %zu profiles of %d "
      "activities, one core\n",
      plan.size(), plan.shares().planned, plan.shares().interpreted, count,
      orders_each + events_each);
  const double reading = measure(count, [&](std::size_t i) {
    arena.reset();
    (void)read(people[i], as_of, arena);
  });
  const auto evaluate = [&](std::size_t i, enrich::Changes changes) {
    arena.reset();
    evaluator.evaluate(read(people[i], as_of, arena), wanted, changes, computed);
    for (const enrich::Computed& one : computed) {
      values += one.value.is_null() ? 0 : 1;
      changing += one.changes_at == no_time ? 0 : 1;
    }
  };
  const double computing =
      measure(count, [&](std::size_t i) { evaluate(i, enrich::Changes::ignore); });
  const double changes = measure(count, [&](std::size_t i) { evaluate(i, enrich::Changes::find); });

  std::vector<expression::Expression> definitions(plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    expression::Problem problem;
    (void)expression::Expression::compile(plan.attribute(i).value.text, definitions[i], problem);
  }
  const double interpreting = measure(std::min(count, interpreted_profiles), [&](std::size_t i) {
    arena.reset();
    const enrich::Input input = read(people[i], as_of, arena);
    std::vector<Member> members;
    for (std::uint32_t k = 0; k < input.profile.size(); ++k)
      members.push_back(input.profile.member(k));
    members.push_back({"orders", input.lists[0]});
    members.push_back({"events", input.lists[1]});
    expression::Scope scope;
    scope.current = scope.root = Value::object(members.data(), std::uint32_t(members.size()));
    scope.as_of = as_of;
    scope.time_zone = project.defaults.time_zone;
    scope.arena = &arena;
    for (const expression::Expression& definition : definitions) {
      const Result<Value> value = definition.evaluate(scope);
      values += value.ok() && !value->is_null() ? 1 : 0;
    }
  });
  show("cells of profile and activities to values", reading);
  show("… and all attributes", computing);
  show("… and when time changes each of them", changes);
  show("reference: each definition interpreted", interpreting);
  std::printf("computing is %.0f times as fast as interpreting; %zu values, %zu moments\n",
              (interpreting - reading) / std::max(computing - reading, 1e-9), values, changing);
  std::printf(
      "Reading activities from the store and matching doubles of orders is not in these.\n");
  return 0;
}
