// Attributes of stored profiles: the same for any number of threads, in any order of asking.
#include <algorithm>
#include <deque>

#include "engine/attributes.h"
#include "engine/audience_scan.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

constexpr int people = 1'100;  // four parts of 250, and one that is not full

const char* const attributes_yaml = R"yaml(
orders_1y:
  { type: integer, definition: d, owner: o, value: ".orders | within(365d) | count" }
spend:
  { type: money, definition: d, owner: o, value: ".orders | sum(.total)"
}
words:
  { type: text, definition: d, owner: o, value: '.name.given | concat("-", .orders_1y)' }
calls:
  { type: integer, definition: d, owner: o, value: '.events | where(.type == "call") | count' }
)yaml";
const char* const audience_yaml = "audience: some\nall:\n  - .orders_1y >= 2\n";

std::string canonical(const std::vector<Cell>& cells) {
  RecordBuilder builder;
  for (const Cell& cell : cells) builder.add(cell);
  return std::string(builder.bytes());
}

/// Person i has i mod 7 orders and i mod 3 calls.
void fill(World& world) {
  std::vector<Person> persons;
  for (int i = 0; i < people; ++i) {
    Person person;
    person.key = std::to_string(i);
    person.given = "Anna" + std::to_string(i);
    persons.push_back(person);
  }
  world.put(persons);
  world.unify();
  for (int i = 0; i < people; ++i) {
    const std::string party = "crm.Contact/" + std::to_string(i);
    std::deque<std::string> texts;  // what the outputs view
    std::vector<store::Output> outputs;
    for (int k = 0; k < i % 7 + i % 3; ++k) {
      const bool is_order = k < i % 7;
      const Timestamp moment =
          parse_time("2026-03-01T00:00:00Z").value() - k * 100 * microseconds_per_day;
      const std::string at = format_time(moment);
      const std::string total = std::to_string(100 * i + k) + " EUR";
      std::vector<Cell> cells = {{attribute::activity_party, 0, party, {}, Rule::none, {}},
                                 {attribute::activity_at, 0, at, {}, Rule::none, {}}};
      if (is_order) cells.push_back({attribute::order_total, 0, total, {}, Rule::none, {}});
      if (!is_order) cells.push_back({attribute::activity_type, 0, "call", {}, Rule::none, {}});
      store::Output& output = outputs.emplace_back();
      output.entity = is_order ? Entity::order : Entity::event;
      output.key = texts.emplace_back(std::to_string(i) + "." + std::to_string(k));
      output.canonical = texts.emplace_back(canonical(cells));
      output.actor = activity_actor_of(output.canonical);
      output.at = moment;
    }
    world.put_row("Contact", "did " + std::to_string(i), 1, outputs);
  }
}

std::vector<store::Profile> everybody(World& world) {
  return value_of(world.store().scan_profiles(0, 10'000));
}

constexpr const char* as_of = "2026-03-14T00:00:00Z";

std::vector<std::string> computed_by(World& world, std::size_t threads,
                                     const std::vector<store::Profile>& asked) {
  const auto reader = value_of(AttributeReader::make(world.project(), world.store(), Entity::person,
                                                     parse_time(as_of).value(), nullptr, threads));
  require(reader->load(asked, enrich::Changes::find));
  std::vector<std::string> lines;
  for (const store::Profile& profile : everybody(world)) {
    std::string line = attributes_json(*reader, profile);
    for (const enrich::Computed& one : reader->computed(profile.id)) {
      line += " " + (one.changes_at == no_time ? "never" : format_time(one.changes_at));
    }
    lines.push_back(line);
  }
  return lines;
}

BOOST_AUTO_TEST_SUITE(attributes_of_stored_profiles)

BOOST_AUTO_TEST_CASE(they_are_the_same_for_any_number_of_threads) {
  World world({{"attributes/value.yaml", attributes_yaml}, {"audiences/some.yaml", audience_yaml}});
  fill(world);
  std::vector<store::Profile> asked = everybody(world);
  BOOST_REQUIRE(asked.size() == std::size_t(people));
  const std::vector<std::string> alone = computed_by(world, 1, asked);
  // Person 13: 6 orders, each 100 days before the other; a call.
  const auto thirteenth = std::find_if(alone.begin(), alone.end(), [](const std::string& line) {
    return line.find("\"Anna13-") != std::string::npos;
  });
  BOOST_REQUIRE(thirteenth != alone.end());
  BOOST_TEST(*thirteenth ==
             R"({"orders_1y":4,"spend":{"amount":"78.15","currency":"EUR"},"words":"Anna13-4",)"
             R"("calls":1} 2026-05-05T00:00:00Z never 2026-05-05T00:00:00Z never)");
  for (const std::size_t threads : {2, 3, 8}) {
    BOOST_TEST(computed_by(world, threads, asked) == alone, boost::test_tools::per_element());
  }
  std::reverse(asked.begin(), asked.end());
  BOOST_TEST(computed_by(world, 2, asked) == alone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(so_is_who_belongs_to_an_audience) {
  World world({{"attributes/value.yaml", attributes_yaml}, {"audiences/some.yaml", audience_yaml}});
  fill(world);
  const auto members_by = [&](std::size_t threads) {
    const config::Audience* const audiences[] = {world.project().audience("some")};
    const auto scan = value_of(AudienceScan::make(world.project(), world.store(), Entity::person,
                                                  parse_time(as_of).value(), audiences, threads));
    std::vector<store::ProfileId> members;
    require(scan->all([&](const store::Profile& profile, std::span<const int> failing) -> Status {
      if (failing[0] < 0) members.push_back(profile.id);
      return {};
    }));
    return members;
  };
  const auto alone = members_by(1);
  BOOST_TEST(alone.size() == std::size_t(people / 7 * 5));  // two to six orders of seven
  BOOST_TEST(members_by(2) == alone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
