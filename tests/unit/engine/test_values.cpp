// Attributes of stored profiles: the same for any number of threads, in any order of asking.
#include <algorithm>
#include <atomic>
#include <deque>

#include "engine/attributes.h"
#include "engine/audience_scan.h"
#include "unit/engine/forwarding_store.h"
#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

constexpr int few = 300;
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
moments:
  { type: text, definition: d, owner: o, value: '.events | each(.at) | join(" ")' }
)yaml";
const char* const audience_yaml = "audience: some\nall:\n  - .orders_1y >= 2\n";

std::string canonical(const std::vector<Cell>& cells) {
  RecordBuilder builder;
  for (const Cell& cell : cells) builder.add(cell);
  return std::string(builder.bytes());
}

/// Person i has i mod 7 orders and i mod 3 calls.
void fill(World& world, int count = people) {
  std::vector<Person> persons;
  for (int i = 0; i < count; ++i) {
    Person person;
    person.key = std::to_string(i);
    person.given = "Anna" + std::to_string(i);
    persons.push_back(person);
  }
  world.put(persons);
  world.unify();
  for (int i = 0; i < count; ++i) {
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

/// Counts how often what somebody did is asked for one after another, in all threads.
class CountingStore final : public ForwardingStore {
 public:
  CountingStore(store::Store& inner, std::shared_ptr<std::atomic<int>> asked)
      : ForwardingStore(inner), asked_(std::move(asked)) {}
  CountingStore(std::unique_ptr<store::Store> inner, std::shared_ptr<std::atomic<int>> asked)
      : ForwardingStore(std::move(inner)), asked_(std::move(asked)) {}
  Result<std::unique_ptr<store::Store>> open_reader() const override {
    RONDOM_TRY_ASSIGN(auto reader, ForwardingStore::open_reader());
    return std::unique_ptr<store::Store>(
        std::make_unique<CountingStore>(std::move(reader), asked_));
  }
  Result<std::vector<store::StoredRecord>> activities(std::span<const std::uint64_t> actors,
                                                      std::size_t count_max) override {
    ++*asked_;
    return ForwardingStore::activities(actors, count_max);
  }

 private:
  std::shared_ptr<std::atomic<int>> asked_;
};

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
             R"("calls":1,"moments":"2024-07-09T00:00:00Z"} )"
             "2026-05-05T00:00:00Z never 2026-05-05T00:00:00Z never never");
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

/// Everybody page by page, each page as computed_by() has it. `between` is called after the first
/// page.
struct Swept {
  std::vector<std::string> lines;
  int asked = 0;  // how often the store was asked for somebody's activities
};
Swept swept_by(
    World& world, std::size_t threads, const SweepLimits& limits,
    const std::function<void()>& between = [] {}) {
  const auto asked = std::make_shared<std::atomic<int>>(0);
  CountingStore store(world.store(), asked);
  const auto reader = value_of(AttributeReader::make(
      world.project(), store, Entity::person, parse_time(as_of).value(), nullptr, threads, limits));
  Swept swept;
  store::ProfileId after = 0;
  while (true) {
    const auto page = value_of(world.store().scan_profiles(after, 120));
    if (page.empty()) break;
    require(reader->load(page, enrich::Changes::find));
    for (const store::Profile& profile : page) {
      std::string line = attributes_json(*reader, profile);
      for (const enrich::Computed& one : reader->computed(profile.id)) {
        line += " " + (one.changes_at == no_time ? "never" : format_time(one.changes_at));
      }
      swept.lines.push_back(line);
    }
    if (after == 0) between();
    after = page.back().id;
  }
  swept.asked = *asked;
  return swept;
}

/// Pays as soon as a page was read.
SweepLimits soon() {
  SweepLimits limits;
  limits.after_profiles = 1;
  limits.profiles_min = 1;
  limits.records_per_profile = 1'000'000;
  return limits;
}

BOOST_AUTO_TEST_CASE(what_a_sweep_found_is_what_the_store_has) {
  World world(Files{{"attributes/value.yaml", attributes_yaml}});
  fill(world);
  const std::vector<std::string> alone = computed_by(world, 1, everybody(world));
  for (const std::size_t threads : {1, 3}) {
    const Swept swept = swept_by(world, threads, soon());
    BOOST_TEST(swept.lines == alone, boost::test_tools::per_element());
    BOOST_TEST(swept.asked == 0);
  }
  SweepLimits limits = soon();
  limits.profiles_max = 200;  // one sweep after another
  const Swept in_two = swept_by(world, 2, limits);
  BOOST_TEST(in_two.lines == alone, boost::test_tools::per_element());
  BOOST_TEST(in_two.asked == 0);
  limits = soon();
  limits.range_bytes_max = 1;
  const Swept none_kept = swept_by(world, 2, limits);
  BOOST_TEST(none_kept.lines == alone, boost::test_tools::per_element());
  BOOST_TEST(none_kept.asked >= people);
  BOOST_TEST(swept_by(world, 2, SweepLimits()).asked > 0);  // too few for it to pay
}

BOOST_AUTO_TEST_CASE(without_a_place_for_it_each_is_read_by_itself) {
  World world(Files{{"attributes/value.yaml", attributes_yaml},
                    {"rondom.yaml",
                     "project: acme\nstate: gone\nconnections:\n"
                     "  crm: { connector: scripted }\n  shop: { connector: scripted }\n"}});
  fill(world, few);
  const std::vector<std::string> alone = computed_by(world, 1, everybody(world));
  const Swept swept = swept_by(world, 2, soon());
  BOOST_TEST(swept.lines == alone, boost::test_tools::per_element());
  BOOST_TEST(swept.asked > 0);
}

BOOST_AUTO_TEST_CASE(who_changed_since_the_sweep_is_read_anew) {
  World world(Files{{"attributes/value.yaml", attributes_yaml}});
  fill(world);
  const Swept swept = swept_by(world, 2, soon(), [&] {
    // The last two become one.
    Person person;
    person.key = std::to_string(people - 1);
    person.given = "Anna";
    person.customer = "C1";
    person.at = 2;
    Person other = person;
    other.key = std::to_string(people - 2);
    world.put({person, other});
    world.unify();
  });
  BOOST_TEST(swept.lines == computed_by(world, 1, everybody(world)),
             boost::test_tools::per_element());
  BOOST_TEST(swept.lines.size() == std::size_t(people - 1));
  BOOST_TEST(swept.asked > 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
