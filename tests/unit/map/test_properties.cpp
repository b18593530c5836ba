#include <boost/test/unit_test.hpp>

#include <random>

#include "project.h"

using namespace rondom;
using namespace rondom::map_tests;
using Kind = map::Mapped::Kind;

BOOST_AUTO_TEST_SUITE(map_properties)

namespace {

constexpr const char* everything =
    "stream: orders\n"
    "key: .id\n"
    "when: .a != \"hidden\"\n"
    "cursor: .b\n"
    "country: .c\n"
    "records:\n"
    "  - entity: order\n"
    "    map:\n"
    "      party: { when: .a != 0, to: customers, key: [.a, .b] }\n"
    "      at: .b\n"
    "      total: .c\n"
    "      status: { from: .a, values: { x: paid }, else: open }\n"
    "      lines:\n"
    "        for_each: .items\n"
    "        map: { sku: .a, quantity: .b, name: $.c, category: $index }\n"
    "  - entity: person\n"
    "    when: .c == 1\n"
    "    key: [guest, .id]\n"
    "    map:\n"
    "      name.given: .a.b\n"
    "      custom.deep: .a.b.c\n"
    "      custom.word: .c | upper\n"
    "      tags: { for_each: .items, map: [{ value: .a }, { for_each: .items, map: { value: .c } "
    "}] }\n"
    "  - entity: event\n"
    "    for_each: .items\n"
    "    key: [$.id, $index, .b]\n"
    "    map: { type: .a, actor.x: .b }\n";

/// Random JSON over few names, so that the paths above often find something of an odd type.
class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::string record() {
    std::string out = "{";
    for (const char* name : {"id", "a", "b", "c", "items"}) {
      if (pick(8) == 0) continue;
      if (out.size() > 1) out += ',';
      const bool usual_key = name == std::string_view("id") && pick(4) != 0;
      out += '"' + std::string(name) + "\":" + (usual_key ? std::to_string(pick(1000)) : value(3));
    }
    return out + "}";
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  std::string value(int depth) {
    static constexpr const char* scalars[] = {"null",
                                              "true",
                                              "0",
                                              "1",
                                              "-7",
                                              "1.50",
                                              "\"\"",
                                              "\"x\"",
                                              "\"2026-03-14 21:04:05\"",
                                              "\"2026-03-14T00:00:00Z\"",
                                              "\"0000-00-00\"",
                                              "\" \"",
                                              "\"a.b/c\\\\d\"",
                                              "\"\\u00e9\"",
                                              "9223372036854775807",
                                              "1e300"};
    const std::uint64_t kind = pick(depth > 0 ? 6 : 4);
    if (kind < 4) return scalars[pick(std::size(scalars))];
    std::string out = kind == 4 ? "[" : "{";
    const char* names[] = {"a", "b", "c", "items"};
    const std::uint64_t count = pick(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i > 0) out += ',';
      if (kind == 5) out += '"' + std::string(names[i]) + "\":";
      out += value(depth - 1);
    }
    return out + (kind == 4 ? "]" : "}");
  }

  std::mt19937_64 random_;
};

std::string describe(const Outcome& outcome) {
  std::string text = std::to_string(int(outcome.kind)) + "|" + outcome.key + "|" + outcome.problem +
                     "|" + outcome.reason + "|" + outcome.country + "|" +
                     std::to_string(outcome.observed_at) + "\n";
  for (const Record& record : outcome.records) {
    text += std::string(to_text(record.entity)) + " " + record.key + "\n" + joined(record.cells);
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_mapper_gives_the_same_new_or_used) {
  constexpr std::uint64_t seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  Fixture fixture;
  fixture.job = 1;
  const auto plan = fixture.compile(everything);
  BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
  RandomJson random(seed);
  map::Mapper used(plan);
  Arena used_arena;
  int kinds[3] = {0, 0, 0};
  for (int i = 0; i < 4000; ++i) {
    const std::string json = random.record();
    used_arena.reset();
    const Outcome again = run(used, json, used_arena, 5);
    map::Mapper fresh(plan);
    Arena arena;
    const Outcome first = run(fresh, json, arena, 5);
    BOOST_REQUIRE_MESSAGE(describe(first) == describe(again), "record " << i << ": " << json);
    BOOST_REQUIRE_MESSAGE((first.kind == Kind::refused) == !first.reason.empty(), json);
    BOOST_REQUIRE_MESSAGE((first.kind == Kind::mapped) == !first.records.empty(), json);
    ++kinds[int(first.kind)];
  }
  // All three ends were reached often enough to mean something.
  for (const int count : kinds) BOOST_TEST(count > 50);
}

BOOST_AUTO_TEST_CASE(mapping_again_gives_the_same_after_a_refusal_inside_a_list) {
  Fixture fixture;
  const auto plan = fixture.compile(
      "entity: order\nmap: { at: .when, lines: { for_each: .items, map: { sku: .sku } } }\n");
  BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
  map::Mapper mapper(plan);
  Arena arena;
  mapper.identify(R"({"Id":"1","when":["no time"],"items":[{"sku":"a"}]})", arena);
  const std::string first(mapper.map(no_time, arena).reason);
  BOOST_TEST(first.starts_with("at: "), first);
  mapper.identify(R"({"Id":"1","items":[{"sku":{}}]})", arena);
  const std::string inside(mapper.map(no_time, arena).reason);
  BOOST_TEST(inside.starts_with("lines.sku: "), inside);
  BOOST_TEST(mapper.map(no_time, arena).reason == inside);
}

BOOST_AUTO_TEST_CASE(every_cell_of_a_mapped_record_says_something) {
  constexpr std::uint64_t seed = 7;
  BOOST_TEST_MESSAGE("seed " << seed);
  Fixture fixture;
  fixture.job = 1;
  const auto plan = fixture.compile(everything);
  BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
  RandomJson random(seed);
  map::Mapper mapper(plan);
  Arena arena;
  for (int i = 0; i < 2000; ++i) {
    const std::string json = random.record();
    arena.reset();
    mapper.identify(json, arena);
    const map::Mapped mapped = mapper.map(no_time, arena);
    for (const map::MappedRecord& record : mapped.records) {
      BOOST_REQUIRE_MESSAGE(!record.key.empty(), json);
      for (const Cell& cell : record.cells->cells()) {
        const AttributeInfo* info = attribute_by_id(cell.attribute);
        BOOST_REQUIRE_MESSAGE(info != nullptr && applies_to(*info, record.entity), json);
        BOOST_REQUIRE_MESSAGE(!cell.value.empty(), json);
        BOOST_REQUIRE_MESSAGE((cell.group > 0) == !info->group.empty(), json);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_map_compiles_or_says_why_not) {
  constexpr std::uint64_t seed = 4711;
  BOOST_TEST_MESSAGE("seed " << seed);
  static constexpr std::string_view pieces[] = {"{",  "}",        "[",   "]",    ": ", "- ",
                                                ".",  "$",        "~",   "|",    "(",  "\n",
                                                "  ", "for_each", "map", "when", "to"};
  std::mt19937_64 random(seed);
  Fixture fixture;
  fixture.job = 1;
  int compiled = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string yaml = everything;
    const std::size_t at = random() % yaml.size();
    yaml.replace(at, random() % 12, pieces[random() % std::size(pieces)]);
    const auto plan = fixture.compile(yaml);
    BOOST_REQUIRE_MESSAGE(plan != nullptr || !fixture.diagnostics.empty(), yaml);
    if (plan == nullptr) continue;
    ++compiled;
    Arena arena;
    map::Mapper mapper(plan);
    run(mapper, RandomJson(seed).record(), arena);
  }
  BOOST_TEST(compiled > 50);
  BOOST_TEST(compiled < 1450);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_json_never_get_past_the_key) {
  constexpr std::uint64_t seed = 99;
  BOOST_TEST_MESSAGE("seed " << seed);
  Fixture fixture;
  fixture.job = 1;
  const auto plan = fixture.compile(everything);
  BOOST_REQUIRE_MESSAGE(plan, fixture.problems());
  std::mt19937_64 random(seed);
  RandomJson records(seed);
  map::Mapper mapper(plan);
  Arena arena;
  for (int i = 0; i < 2000; ++i) {
    std::string json = records.record();
    json[random() % json.size()] = static_cast<char>(random() % 256);
    arena.reset();
    const map::Identity identity = mapper.identify(json, arena);
    const map::Mapped mapped = mapper.map(no_time, arena);
    BOOST_REQUIRE_MESSAGE(identity.key.empty() == !identity.problem.empty(), json);
    if (!identity.problem.empty()) BOOST_REQUIRE((mapped.kind == Kind::refused));
  }
}

BOOST_AUTO_TEST_SUITE_END()
