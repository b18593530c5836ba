// Whom records are like: only rows that became others are written.
#include <boost/test/unit_test.hpp>

#include "engine/likeness/records.h"
#include "world.h"

namespace {

using namespace rondom;

struct Likes {
  Likes() {
    store::Options options;
    options.sqlite_file = ":memory:";
    opened = std::move(store::open(options, clock).value());
    BOOST_REQUIRE(opened->begin_likeness(0).ok());
    const std::vector<store::Likely> rows = {
        {1, {{2, 4'500}, {3, 900}}}, {2, {{1, 4'500}}}, {3, {{1, 900}}}};
    BOOST_REQUIRE(opened->write_likely(rows).ok());
    BOOST_REQUIRE(opened->finish_likeness("made").ok());
    pairs.emplace(*opened);
    BOOST_REQUIRE(pairs->load({1, 2, 3, 4}).ok());
  }
  /// "record:other=bits,other=bits ..." of the rows that are written.
  std::string changes() const {
    std::vector<store::Likely> rows;
    pairs->add_changes(rows);
    std::string text;
    for (const store::Likely& row : rows) {
      text += (text.empty() ? "" : " ") + std::to_string(row.record) + ":";
      for (const auto& [other, bits] : row.others) {
        text +=
            (text.back() == ':' ? "" : ",") + std::to_string(other) + "=" + std::to_string(bits);
      }
    }
    return text;
  }

  SystemClock clock;
  std::unique_ptr<store::Store> opened;
  std::optional<engine::LikelyPairs> pairs;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(likely_pairs)

BOOST_FIXTURE_TEST_CASE(what_is_scored_again_to_what_it_was_is_not_written, Likes) {
  pairs->set(1, 2, 4'500);
  BOOST_TEST(changes() == "");
  pairs->forget(1);
  BOOST_TEST(changes() == "1: 2: 3:");
  pairs->set(2, 1, 4'500);
  pairs->set(1, 3, 900);
  BOOST_TEST(changes() == "");
}

BOOST_FIXTURE_TEST_CASE(what_became_another_is_written_at_both_ends, Likes) {
  pairs->set(1, 2, 4'501);
  BOOST_TEST(changes() == "1:2=4501,3=900 2:1=4501");
  pairs->erase(1, 3);
  pairs->set(4, 2, 10);
  BOOST_TEST(changes() == "1:2=4501 2:1=4501,4=10 3: 4:2=10");
  pairs->erase(2, 4);
  BOOST_TEST(changes() == "1:2=4501 2:1=4501 3:");
}

BOOST_AUTO_TEST_SUITE_END()
