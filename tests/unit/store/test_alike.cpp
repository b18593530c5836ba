// Pairs that likeness found, and what somebody said of two records.
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Alike;
using store::Decision;
using store::RowKind;

namespace {

/// Five people; nothing is left to do for them.
void people(Project& project) {
  Batch batch(project.stream());
  for (const char* key : {"1", "2", "3", "4", "5"}) {
    batch.row(RowKind::mapped, key, 10, key).output(Entity::person, key, person(key));
  }
  apply(project, batch);
  store::UnifyBatch done;
  done.done = value_of(project.store().dirty_records(0, 10));
  require(project.store().apply(done));
}

std::vector<store::RecordId> taken_dirty(Project& project) {
  store::UnifyBatch done;
  done.done = value_of(project.store().dirty_records(0, 10));
  require(project.store().apply(done));
  return done.done;
}

Alike joined(store::RecordId a, store::RecordId b, std::int32_t bits = 9'000) {
  return {a, b, bits, bits, true, {}};
}

Alike possible(store::RecordId a, store::RecordId b, std::string reason = {}) {
  return {a, b, 4'000, -1, false, std::move(reason)};
}

std::vector<Alike> all(Project& project) {
  std::vector<Alike> pairs;
  require(project.store().scan_alike([&](std::span<const Alike> chunk) -> Status {
    pairs.insert(pairs.end(), chunk.begin(), chunk.end());
    return {};
  }));
  return pairs;
}

using Ids = std::vector<store::RecordId>;

}  // namespace

BOOST_AUTO_TEST_SUITE(alike_pairs)

STORE_TEST(pairs_are_replaced_and_those_whose_joins_differ_are_dirty) {
  people(project);
  const std::vector<Alike> first = {joined(1, 2), possible(1, 3, "different birth dates"),
                                    possible(4, 5)};
  require(project.store().replace_alike(first));
  BOOST_TEST((all(project) == first));
  BOOST_TEST((taken_dirty(project) == Ids{1, 2}));
  require(project.store().replace_alike(first));
  BOOST_TEST(taken_dirty(project).empty());
  // Other evidence alone concerns nobody; what joins now, and what joins no longer, does.
  const std::vector<Alike> second = {joined(1, 2, 9'500), joined(4, 5)};
  require(project.store().replace_alike(second));
  BOOST_TEST((all(project) == second));
  BOOST_TEST((taken_dirty(project) == Ids{4, 5}));
  project.reopen();
  BOOST_TEST((all(project) == second));
  require(project.store().replace_alike({}));
  BOOST_TEST(all(project).empty());
  BOOST_TEST((taken_dirty(project) == Ids{1, 2, 4, 5}));
}

STORE_TEST(pairs_are_found_from_either_end) {
  people(project);
  require(project.store().replace_alike(std::vector{joined(1, 2), joined(2, 3), possible(4, 5)}));
  const Ids of_two = {2};
  const auto found = value_of(project.store().alike(of_two));
  BOOST_TEST((found == std::vector{joined(1, 2), joined(2, 3)}));
  const Ids both = {4, 5};
  BOOST_TEST((value_of(project.store().alike(both)) == std::vector{possible(4, 5)}));
  BOOST_TEST(value_of(project.store().alike({})).empty());
}

STORE_TEST(more_pairs_than_one_scan_reads) {
  std::vector<Alike> many;
  for (store::RecordId id = 1; id <= 20'001; ++id) many.push_back(possible(id, id + 1));
  require(project.store().replace_alike(many));
  BOOST_TEST((all(project) == many));
  many.erase(many.begin() + 7);
  require(project.store().replace_alike(many));
  BOOST_TEST((all(project) == many));
}

STORE_TEST(the_last_word_about_two_records_counts) {
  people(project);
  auto& store = project.store();
  require(store.decide(std::vector{Decision{1, 2, true, 5}, Decision{3, 4, false, 5}}, {}));
  BOOST_TEST((taken_dirty(project) == Ids{1, 2, 3, 4}));
  require(store.decide(std::vector{Decision{1, 2, false, 6}}, {}));
  BOOST_TEST((taken_dirty(project) == Ids{1, 2}));
  project.reopen();
  BOOST_TEST((value_of(project.store().decisions()) ==
              std::vector{Decision{1, 2, false, 6}, Decision{3, 4, false, 5}}));
  require(project.store().decide({}, std::vector{Decision{3, 4, true, 0}}));
  BOOST_TEST((value_of(project.store().decisions()) == std::vector{Decision{1, 2, false, 6}}));
  BOOST_TEST((taken_dirty(project) == Ids{3, 4}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
