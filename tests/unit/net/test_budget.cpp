// How fast and how many at a time.
#include <boost/test/unit_test.hpp>
#include <future>

#include "fake_net.h"

using namespace rondom;
using namespace rondom::net;
using rondom::test::ClockSleeper;

namespace {

struct Place {
  explicit Place(BudgetLimits limits) : budget(limits, clock, sleeper) {}
  ManualClock clock{0};
  ClockSleeper sleeper{clock};
  Budget budget;
  Interrupt interrupt;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(net_budget)

BOOST_AUTO_TEST_CASE(no_more_run_at_a_time_than_allowed) {
  Place place({0, 1});
  Budget::Permit first = place.budget.acquire(place.interrupt).value();
  auto second =
      std::async(std::launch::async, [&] { return place.budget.acquire(place.interrupt).ok(); });
  first.give_back();
  BOOST_TEST(second.get());

  const Budget::Permit again = place.budget.acquire(place.interrupt).value();
  auto waiting = std::async(std::launch::async,
                            [&] { return place.budget.acquire(place.interrupt).status(); });
  place.interrupt.request();
  const Status stopped = waiting.get();
  BOOST_REQUIRE(!stopped.ok());
  BOOST_TEST((stopped.error().code == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(everybody_is_quiet_while_the_server_wants_it) {
  Place place({0, 4});
  place.budget.hold(1'500);
  place.budget.hold(400);
  BOOST_TEST(place.budget.acquire(place.interrupt).ok());
  BOOST_TEST(place.budget.acquire(place.interrupt).ok());
  BOOST_TEST(place.sleeper.waits == (std::vector<std::int64_t>{1'500}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_unused_rate_is_not_saved_up) {
  Place place({10, 4});
  place.clock.advance(60 * microseconds_per_second);
  for (int i = 0; i < 4; ++i) BOOST_TEST(place.budget.acquire(place.interrupt).ok());
  BOOST_TEST(place.sleeper.waits == (std::vector<std::int64_t>{100, 100, 100}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
