// The index of likeness: blocks, whom records are like, and what they said when they were compared.
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Block;
using store::ComparedRecord;
using store::Likely;
using store::LikenessChange;
using store::RowKind;

namespace {

constexpr std::uint64_t rule = std::uint64_t{1} << 56;
constexpr std::uint64_t organizations = std::uint64_t{1} << 63;

void person_record(Project& project, const std::string& key, Timestamp at,
                   const std::string& name) {
  Batch batch(project.stream());
  batch.row(RowKind::mapped, key, at, name).output(Entity::person, key, person(name));
  apply(project, batch);
}

void withdraw(Project& project, const std::string& key, Timestamp at) {
  Batch batch(project.stream());
  batch.row(RowKind::removed, key, at, "");
  apply(project, batch);
}

void write(Project& project, const std::vector<Block>& blocks) {
  std::size_t at = 0;
  require(project.store().write_blocks([&](Block& block) {
    if (at == blocks.size()) return false;
    block = blocks[at++];
    return true;
  }));
}

std::vector<Block> some_blocks() {
  return {{rule + 5, 2, {1, 4}},
          {rule + 6, 1, {2}},
          {rule + 7, 900, {}},  // too many to name
          {2 * rule + 1, 3, {1, 2, 3}},
          {organizations + rule + 5, 1, {9}}};
}

std::string shown(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    text += (text.empty() ? "" : " ") + std::to_string(block.key >> 56) + "/" +
            std::to_string(block.key & (rule - 1)) + ":" + std::to_string(block.size);
    for (const store::RecordId member : block.members) text += "," + std::to_string(member);
  }
  return text;
}

std::string block_of(Project& project, const std::vector<std::uint64_t>& keys) {
  return shown(value_of(project.store().blocks(keys)));
}

std::string compared(Project& project, const std::vector<store::RecordId>& records) {
  std::string text;
  for (const ComparedRecord& one : value_of(project.store().compared(records))) {
    const bool first = one.canonical == person("first");
    text += std::to_string(one.id) + (!one.changed ? " " : first ? ":first " : ":other ");
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(index_of_likeness)

STORE_TEST(blocks_are_found_by_key_and_replaced_one_by_one) {
  for (const std::int64_t about :
       {std::int64_t{0}, std::int64_t{50'000'000}}) {  // rows hold all, or one each
    require(project.store().begin_likeness(about));
    write(project, some_blocks());
    require(project.store().finish_likeness("made"));
    BOOST_TEST(block_of(project, {rule + 4, rule + 5, rule + 7, organizations + rule + 5}) ==
               "1/5:2,1,4 1/7:900 129/5:1,9");
    BOOST_TEST(block_of(project, {}) == "");
    LikenessChange change;
    change.blocks = {{rule + 4, 1, {7}},
                     {rule + 5, 0, {}},
                     {rule + 7, 899, {}},
                     {2 * rule + 1, 4, {1, 2, 3, 8}},
                     {3 * rule + 9, 1, {8}}};
    change.description = "changed";
    require(project.store().apply(change));
    project.reopen();
    BOOST_TEST(block_of(project, {rule + 4, rule + 5, rule + 6, rule + 7, 2 * rule + 1,
                                  3 * rule + 9, organizations + rule + 5}) ==
               "1/4:1,7 1/6:1,2 1/7:899 2/1:4,1,2,3,8 3/9:1,8 129/5:1,9");
    BOOST_TEST(value_of(project.store().likeness_description()).value_or("") == "changed");
  }
}

STORE_TEST(blocks_of_some_sizes_are_found_by_rule) {
  require(project.store().begin_likeness(50'000'000));
  std::vector<Block> blocks;
  for (std::uint64_t i = 0; i < 3'000; ++i) {  // more rows than one scan reads
    const auto id = static_cast<store::RecordId>(i + 1);
    blocks.push_back({rule + (i << 40), i % 2 == 0 ? 1 : 2, {id}});
    if (i % 2 != 0) blocks.back().members.push_back(id + 10'000);
  }
  blocks.push_back({2 * rule, 2, {1, 2}});
  write(project, blocks);
  std::size_t pairs = 0, single = 0;
  const auto count = [&](Block& block) { ++(block.size == 2 ? pairs : single); };
  require(project.store().scan_blocks(rule, 2, 5, count));
  BOOST_TEST(pairs == 1'500);
  BOOST_TEST(single == 0);
  require(project.store().scan_blocks(rule, 1, 1, count));
  BOOST_TEST(single == 1'500);
  require(project.store().scan_blocks(2 * rule, 1, 5, count));
  BOOST_TEST(pairs == 1'501);
}

STORE_TEST(blocks_of_any_length_stand_beside_one_another) {
  require(project.store().begin_likeness(0));
  std::vector<Block> blocks;
  for (std::int64_t size = 1; size <= 60; ++size) {
    Block& block = blocks.emplace_back();
    block.key = rule + static_cast<std::uint64_t>(size * size * size * 1'000);
    block.size = size;
    // Differences of one to seven bytes, in turn.
    store::RecordId id = 1;
    for (std::int64_t i = 0; i < size; ++i) {
      block.members.push_back(id += store::RecordId{1} << (7 * (i % 7)));
    }
  }
  write(project, blocks);
  std::vector<Block> found;
  require(project.store().scan_blocks(rule, 1, 60,
                                      [&](Block& block) { found.push_back(std::move(block)); }));
  BOOST_TEST(shown(found) == shown(blocks));
}

STORE_TEST(whom_a_record_is_like) {
  auto& store = project.store();
  require(store.begin_likeness(0));
  require(store.write_likely(std::vector<Likely>{{1, {{2, 4'500}, {9, -70}}}, {2, {{1, 4'500}}}}));
  require(store.write_likely(std::vector<Likely>{{9, {{1, -70}}}}));
  const std::vector<store::RecordId> ids = {1, 5, 9};
  const auto found = value_of(store.likely(ids));
  BOOST_REQUIRE(found.size() == 2);
  BOOST_TEST((found[0].others ==
              std::vector<std::pair<store::RecordId, std::int32_t>>{{2, 4'500}, {9, -70}}));
  BOOST_TEST(found[1].record == 9);
  verify(project);
  LikenessChange change;
  change.likely = {{1, {{2, 4'500}}}, {9, {}}};
  require(store.apply(change));
  verify(project);
  BOOST_TEST(value_of(store.likely(ids)).size() == 1);
  change.likely = {{2, {}}};
  require(store.apply(change));
  std::vector<std::string> problems;
  require(store.verify(problems));
  BOOST_TEST(
      problems == std::vector<std::string>{"record 1 is like 2, and not the other way round"},
      boost::test_tools::per_element());
}

STORE_TEST(what_a_record_said_when_it_was_compared) {
  person_record(project, "1", 10, "first");
  BOOST_TEST(compared(project, {1}) == "");
  require(project.store().begin_likeness(0));
  require(project.store().finish_likeness("made"));
  person_record(project, "2", 10, "first");
  BOOST_TEST(compared(project, {1, 2}) == "1 ");
  person_record(project, "1", 20, "second");
  person_record(project, "2", 20, "second");
  person_record(project, "1", 30, "third");
  BOOST_TEST(compared(project, {1, 2}) == "1:first ");  // as compared, however often it changes
  project.reopen();
  withdraw(project, "1", 40);
  BOOST_TEST(compared(project, {1, 2}) == "1:first ");
  LikenessChange change;
  change.compared = {2};
  change.no_longer = {1};
  require(project.store().apply(change));
  BOOST_TEST(compared(project, {1, 2}) == "2 ");
  withdraw(project, "2", 50);
  BOOST_TEST(compared(project, {1, 2}) == "2:other ");
  verify(project);
}

STORE_TEST(an_index_that_was_begun_again_is_none_until_it_is_finished) {
  person_record(project, "1", 10, "first");
  BOOST_TEST(!value_of(project.store().likeness_description()).has_value());
  require(project.store().begin_likeness(0));
  write(project, some_blocks());
  require(project.store().finish_likeness("made"));
  person_record(project, "1", 20, "second");
  require(project.store().begin_likeness(0));
  project.reopen();
  BOOST_TEST(!value_of(project.store().likeness_description()).has_value());
  BOOST_TEST(block_of(project, {rule + 5}) == "");
  BOOST_TEST(compared(project, {1}) == "");
  write(project, some_blocks());
  require(project.store().finish_likeness("made"));
  BOOST_TEST(compared(project, {1}) == "1 ");
  verify(project);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
