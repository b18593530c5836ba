// Sets of ids in the store: dense and sparse chunks are one to whoever asks.
#include <algorithm>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include "store/bitmap.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::Bitmap;

namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t a_set = 77, another_set = 78;

class Sets {
 public:
  explicit Sets(store::Database& database) : database_(database) {}

  /// In one transaction.
  void change(std::int64_t set, const Ids& in, const Ids& out) {
    require(database_.begin(store::Durability::process));
    Bitmap bitmap(database_, set);
    require(bitmap.load(in));
    require(bitmap.load(out));
    for (const std::int64_t id : in) bitmap.set(id);
    for (const std::int64_t id : out) bitmap.clear(id);
    require(bitmap.flush());
    require(database_.commit());
  }
  Ids members(std::int64_t set) { return value_of(Bitmap(database_, set).members(-1, 1'000'000)); }
  /// Bytes of the rows of a set.
  std::vector<std::size_t> row_sizes(std::int64_t set) {
    std::vector<std::size_t> sizes;
    require(database_.scan({&store::tables::bitmap, nullptr, {}, {set << 32}, 100, 0, false},
                           [&](std::size_t, auto row) {
                             if (row[0].integer() >> 32 == set)
                               sizes.push_back(row[1].bytes().size());
                           }));
    return sizes;
  }

 private:
  store::Database& database_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(bitmap)

STORE_TEST(a_chunk_is_places_while_few_are_set) {
  project.store();
  project.close();
  auto database = project.database(false);
  Sets sets(*database);
  const std::int64_t chunk = 3 * Bitmap::chunk_bits;
  sets.change(a_set, {chunk + 1, chunk + 300, chunk + Bitmap::chunk_bits - 1}, {});
  BOOST_TEST((sets.row_sizes(a_set) == std::vector<std::size_t>{6}));
  Ids many;
  for (std::int64_t i = 0; i < 1'022; ++i) many.push_back(chunk + 400 + i);
  sets.change(a_set, many, {});
  BOOST_TEST((sets.row_sizes(a_set) == std::vector<std::size_t>{4'096}));
  BOOST_TEST(sets.members(a_set).size() == 1'025);
  sets.change(a_set, {}, {chunk + 300});
  BOOST_TEST((sets.row_sizes(a_set) == std::vector<std::size_t>{2'048}));
  many.insert(many.begin(), chunk + 1);
  many.push_back(chunk + Bitmap::chunk_bits - 1);
  BOOST_TEST((sets.members(a_set) == many));
  sets.change(a_set, {}, many);
  BOOST_TEST(sets.row_sizes(a_set).empty());
}

STORE_TEST(few_members_as_bits_are_read_too) {
  project.store();
  project.close();
  auto database = project.database(false);
  std::string bits(4'096, '\0');
  bits[1] = 0x02;
  store::Rows rows(2);
  rows.add({(a_set << 32) | 2, std::string_view(bits)});
  require(database->begin(store::Durability::process));
  require(database->insert(store::tables::bitmap, rows));
  require(database->commit());
  BOOST_TEST((Sets(*database).members(a_set) == Ids{2 * Bitmap::chunk_bits + 9}));
}

STORE_TEST(random_sets_are_as_sets_are) {
  project.store();
  project.close();
  auto database = project.database(false);
  Sets sets(*database);
  std::mt19937 random(20'261);
  std::set<std::int64_t> expected[2];
  for (int step = 0; step < 60; ++step) {
    const int which = step % 2;
    // Some chunks come past the limit of places and fall below it again.
    const std::int64_t width = random() % 3 == 0 ? 2'500 : 3 * Bitmap::chunk_bits;
    Ids in, out;
    for (auto i = random() % 900; i > 0; --i) {
      in.push_back(static_cast<std::int64_t>(random()) % width);
    }
    for (const std::int64_t id : expected[which]) {
      if (random() % 3 == 0) out.push_back(id);
    }
    sets.change(which == 0 ? a_set : another_set, in, out);
    expected[which].insert(in.begin(), in.end());
    for (const std::int64_t id : out) expected[which].erase(id);
    const std::set<std::int64_t>&mine = expected[0], &other = expected[1];
    BOOST_TEST((sets.members(a_set) == Ids(mine.begin(), mine.end())));
    BOOST_TEST((sets.members(another_set) == Ids(other.begin(), other.end())));
    Ids without;
    std::set_difference(mine.begin(), mine.end(), other.begin(), other.end(),
                        std::back_inserter(without));
    BOOST_TEST((value_of(Bitmap(*database, a_set).members_without(another_set, -1, 1'000'000)) ==
                without));
  }
  const Ids mine(expected[0].begin(), expected[0].end());
  Ids all, both;
  std::set_union(mine.begin(), mine.end(), expected[1].begin(), expected[1].end(),
                 std::back_inserter(all));
  std::set_intersection(mine.begin(), mine.end(), expected[1].begin(), expected[1].end(),
                        std::back_inserter(both));
  require(database->begin(store::Durability::process));
  require(Bitmap(*database, 79).add_intersection(a_set, another_set));
  require(Bitmap(*database, a_set).add_all(another_set));
  require(database->commit());
  BOOST_TEST((sets.members(a_set) == all));
  BOOST_TEST((sets.members(79) == both));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
