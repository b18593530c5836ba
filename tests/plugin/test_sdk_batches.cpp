// Batches of the SDK: how records are split, and which one spoils a batch.
#include <boost/test/unit_test.hpp>
#include <rondom/sdk.hpp>

using namespace rondom;

namespace {

/// Sends `count` records to a system that refuses batches with a bad one; what was said, and how
/// often.
struct Bisected {
  std::string refused, not_sent;
  std::size_t requests = 0;
  Status status;
  Bisected(std::size_t count, const std::function<bool(std::size_t)>& bad,
           std::size_t lost_at = 0) {
    status = bisect(
        {0, count},
        [&](Range part) -> Status {
          if (++requests == lost_at) return {Code::unavailable, "The answer was lost."};
          for (std::size_t i = part.begin; i < part.end; ++i) {
            if (bad(i)) return {Code::data, "bad " + std::to_string(i)};
          }
          return {};
        },
        [&](std::size_t index, const Failure& why) {
          refused += std::to_string(index) + ":" + why.message + " ";
        },
        [&](Range part, const Failure& why) {
          not_sent += std::to_string(part.begin) + "-" + std::to_string(part.end) +
                      (why.code == Code::unavailable ? "? " : "  ");
        });
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sdk_batches)

BOOST_AUTO_TEST_CASE(batches_by_number_and_bytes) {
  const auto text = [](const std::vector<Range>& ranges) {
    std::string out;
    for (const Range range : ranges)
      out += std::to_string(range.begin) + "-" + std::to_string(range.end) + " ";
    return out;
  };
  BOOST_TEST(text(batches_of(5, 2)) == "0-2 2-4 4-5 ");
  BOOST_TEST(text(batches_of(0, 2)).empty());
  BOOST_TEST(text(batches_of({5, 5, 11, 4, 6, 1}, 0, 10)) == "0-2 2-3 3-5 5-6 ");
  BOOST_TEST(text(batches_of({1, 1, 1, 9}, 2, 10)) == "0-2 2-4 ");
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_refused_whole_is_halved) {
  const Bisected good(100, [](std::size_t) { return false; });
  BOOST_TEST(good.requests == 1u);
  const Bisected one(100, [](std::size_t i) { return i == 37; });
  BOOST_TEST(one.refused == "37:bad 37 ");
  BOOST_TEST(one.requests <= 15u);
  const Bisected all(4, [](std::size_t) { return true; });
  BOOST_TEST(all.refused == "0:bad 0 1:bad 1 2:bad 2 3:bad 3 ");
  BOOST_TEST(all.not_sent.empty());
  const Bisected none(0, [](std::size_t) { return true; });
  BOOST_TEST(none.requests == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_not_sent_is_said) {
  const Bisected lost(
      8, [](std::size_t i) { return i == 1; }, 3);
  BOOST_TEST(lost.not_sent == "0-2? 2-4  4-8  ");
  BOOST_TEST((lost.status.code() == Code::unavailable));
  const Bisected limit(1'200, [](std::size_t) { return true; });
  BOOST_TEST(limit.requests == bisect_requests_max);
  BOOST_TEST(!limit.not_sent.empty());
}

BOOST_AUTO_TEST_SUITE_END()
