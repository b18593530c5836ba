// When a cron schedule starts, also where clocks change.
#include "service/schedule.h"

#include <unistd.h>

#include "unit/service/support.h"
#include "unit/service/walk.h"

namespace rondom::service::test {
namespace {

std::vector<std::string> starts(const char* fields, const char* zone, const char* from,
                                std::size_t count) {
  const config::Schedule read = cron(fields, zone);
  const auto in = expression::open_zone(zone);
  std::vector<std::string> found;
  Timestamp after = at(from);
  while (found.size() < count) {
    const auto next = next_time(read.cron, *in, after);
    if (!next) break;
    found.push_back(format_time(*next));
    after = *next;
  }
  return found;
}

void equal(const std::vector<std::string>& found, const std::vector<std::string>& wanted) {
  BOOST_TEST(found == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(cron_times)

BOOST_AUTO_TEST_CASE(a_time_that_clocks_skip_comes_at_the_first_instant_after) {
  // Amsterdam: 02:00 becomes 03:00 on 28 March 2027, 01:00 UTC.
  equal(starts("30 2 * * *", "Europe/Amsterdam", "2027-03-26T12:00:00Z", 3),
        {"2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"});
  // New York: 02:00 becomes 03:00 on 14 March 2027, 07:00 UTC. Four skipped times are one start.
  equal(starts("*/15 2 14 3 *", "America/New_York", "2027-03-01T00:00:00Z", 1),
        {"2027-03-14T07:00:00Z"});
  equal(starts("0 3 28 3 *", "Europe/Amsterdam", "2027-03-01T00:00:00Z", 1),
        {"2027-03-28T01:00:00Z"});
  // Skipped at 02:30 and named at 03:00: the same instant, one start.
  equal(starts("0,30 2-3 28 3 *", "Europe/Amsterdam", "2027-03-01T00:00:00Z", 2),
        {"2027-03-28T01:00:00Z", "2027-03-28T01:30:00Z"});
}

BOOST_AUTO_TEST_CASE(a_time_that_stands_twice_comes_once_the_first_time) {
  // Amsterdam: 03:00 becomes 02:00 on 31 October 2027, 01:00 UTC.
  equal(starts("30 2 * * *", "Europe/Amsterdam", "2027-10-30T12:00:00Z", 2),
        {"2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"});
  // Asked in the second pass of that hour.
  equal(starts("45 2 * * *", "Europe/Amsterdam", "2027-10-31T01:30:00Z", 1),
        {"2027-11-01T01:45:00Z"});
}

BOOST_AUTO_TEST_CASE(every_hour_is_every_hour_that_passes) {
  equal(starts("0 * * * *", "Europe/Amsterdam", "2027-03-27T23:30:00Z", 3),
        {"2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z", "2027-03-28T02:00:00Z"});
  equal(starts("0 * * * *", "Europe/Amsterdam", "2027-10-30T23:30:00Z", 4),
        {"2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z", "2027-10-31T02:00:00Z",
         "2027-10-31T03:00:00Z"});
}

BOOST_AUTO_TEST_CASE(rare_days_are_found_and_days_that_never_come_are_not) {
  equal(starts("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), {"2104-02-29T00:00:00Z"});
  equal(starts("0 0 29 2 */7", "UTC", "2027-01-01T00:00:00Z", 1), {"2032-02-29T00:00:00Z"});
  config::Cron never = cron("0 0 1 1 *", "UTC").cron;
  never.days = 1U << 30;
  never.months = 1U << 2;
  BOOST_TEST(!next_time(never, *expression::open_zone("UTC"), 0).has_value());
}

// 400 days with four changes of the clock in each zone and a leap day, judged minute by minute.
BOOST_AUTO_TEST_CASE(four_hundred_days_start_as_a_walk_through_every_minute_says) {
  const Timestamp from = at("2027-06-01T00:00:00Z");
  constexpr std::size_t minutes = 400 * 24 * 60;
  std::size_t compared = 0;
  for (const char* name : {"Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"}) {
    const auto zone = expression::open_zone(name);
    const std::vector<Shown> shown = walls(*zone, from, minutes);
    const Timestamp until = from + std::int64_t(minutes - 1) * one_minute;
    for (const Kind& kind : kinds()) {
      const config::Schedule read = cron(kind.cron, name);
      const std::vector<Timestamp> wanted = walk(kind, shown, from);
      BOOST_TEST(!wanted.empty());
      std::vector<Timestamp> found;
      for (auto next = next_time(read.cron, *zone, from); next && *next <= until;
           next = next_time(read.cron, *zone, *next)) {
        found.push_back(*next);
      }
      compared += wanted.size();
      if (found == wanted) continue;
      const auto [a, b] = std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
      BOOST_ERROR(
          kind.cron << " in " << name << ": " << (a == found.end() ? "nothing" : format_time(*a))
                    << ", the walk says " << (b == wanted.end() ? "nothing" : format_time(*b)));
    }
  }
  BOOST_TEST(compared > 150'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::service::test
