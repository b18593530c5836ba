// The shipped attributes against a slow reference on random histories, and what a day of time
// changes in them.
#include <algorithm>

#include "unit/enrich/dice.h"
#include "unit/enrich/slow_reference.h"
#include "unit/enrich/standard.h"

namespace rondom::enrich::test {
namespace {

constexpr std::int64_t around = 1'774'746'000;  // 2026-03-29T01:00:00Z, when clocks go forward

/// Times meet the edges of windows, midnights here and in UTC, the turn of years and changes of the
/// clock; some are still to come. Each is another second, so that which of two is the latest is no
/// question.
std::int64_t moment(Dice& dice, int number) {
  static const int windows[] = {0,  1,   29,  30,  31,  59,  60,  89, 90,
                                91, 364, 365, 366, 453, 729, 730, 731};
  const std::int64_t days = dice() % 2 == 0 ? windows[dice() % std::size(windows)]
                                            : static_cast<std::int64_t>(dice() % 1'100) - 20;
  static const int hours[] = {0, 1, 12, 21, 22, 23};
  return around - days * day_seconds + hours[dice() % std::size(hours)] * 3'600 - 3'600 + number;
}

void add_wishes(Dice& dice, int& number, PlainHistory& who) {
  static const char* const statuses[] = {"", "open", "fulfilled", "dropped"};
  static const char* const kinds[] = {"", "temporary", "lasting"};
  static const char* const wanted[] = {"bike", "helmet"};
  static const char* const measures[] = {"nps", "nps", "csat"};
  static const char* const stages[] = {"open", "won", "lost"};
  static const char* const decisions[] = {"granted", "granted", "denied", "withdrawn"};
  for (std::uint64_t i = dice() % 3; i > 0; --i) {
    who.needs.push_back({moment(dice, ++number), one_of(dice, wanted), one_of(dice, statuses),
                         one_of(dice, kinds)});
  }
  for (std::uint64_t i = dice() % 3; i > 0; --i) {
    static const int scales[] = {0, 10, 10, 5};
    who.answers.push_back({moment(dice, ++number), one_of(dice, measures),
                           static_cast<int>(dice() % 11), scales[dice() % std::size(scales)]});
  }
  if (dice() % 4 == 0) who.opportunities.push_back({moment(dice, ++number), one_of(dice, stages)});
  for (std::uint64_t i = dice() % 3; i > 0; --i) {
    const std::int64_t expires = dice() % 2 == 0 ? -1 : moment(dice, ++number);
    who.consents.push_back({one_of(dice, decisions), expires});
  }
}

PlainHistory some_history(Dice& dice, int first_number) {
  static const char* const born[] = {"",           "1980",       "1980-03",    "1980-02-29",
                                     "1964-12-31", "1997-01-01", "1980-03-29", "1946-03-30"};
  static const char* const statuses[] = {"paid", "paid",     "shipped",
                                         "open", "refunded", "cancelled"};
  static const char* const categories[] = {"bike", "bike", "helmet", ""};
  static const char* const types[] = {"page_view", "page_view",     "mail_sent",
                                      "complaint", "survey_answer", "complaint_solved"};
  static const char* const actors[] = {"", "", "visitor:v1", "visitor:v2", "email:a@example.com"};
  static const char* const channels[] = {"email", "email", "web", "phone"};
  static const char* const subjects[] = {"bike", "bike", "nps", "helmet"};
  PlainHistory who;
  who.birth_date = one_of(dice, born);
  static const char* const stated[] = {"", "", "", "post"};
  who.stated_channel = one_of(dice, stated);
  who.surname = dice() % 2 == 0;
  who.email = dice() % 2 == 0;
  who.phone = dice() % 2 == 0;
  who.address = dice() % 2 == 0;
  int number = first_number;
  for (std::uint64_t i = dice() % 7; i > 0; --i) {
    PlainOrder order;
    order.second = moment(dice, ++number);
    order.status = one_of(dice, statuses);
    for (std::uint64_t line = dice() % 3; line > 0; --line) {
      order.lines.push_back({one_of(dice, categories), static_cast<std::int64_t>(dice() % 60'000)});
      order.cents += order.lines.back().cents;
    }
    if (order.lines.empty()) order.cents = static_cast<std::int64_t>(dice() % 60'000);
    who.orders.push_back(order);
  }
  for (std::uint64_t i = dice() % 9; i > 0; --i) {
    PlainEvent event{moment(dice, ++number),
                     one_of(dice, types),
                     one_of(dice, channels),
                     one_of(dice, subjects),
                     -1,
                     one_of(dice, actors)};
    if (event.type == "survey_answer") event.score = static_cast<int>(dice() % 11);
    who.events.push_back(event);
  }
  add_wishes(dice, number, who);
  static const char* const deaths[] = {"", "", "", "", "", "", "presumed", "confirmed"};
  static const char* const suppressions[] = {"", "", "", "", "bounced", "legal"};
  who.death = one_of(dice, deaths);
  who.suppression = one_of(dice, suppressions);
  return who;
}

/// Two people who turn out to be one: both did what either did. Of the facts, the first one's
/// stand.
PlainHistory merged(PlainHistory one, const PlainHistory& other) {
  one.orders.insert(one.orders.end(), other.orders.begin(), other.orders.end());
  one.events.insert(one.events.end(), other.events.begin(), other.events.end());
  one.needs.insert(one.needs.end(), other.needs.begin(), other.needs.end());
  one.answers.insert(one.answers.end(), other.answers.begin(), other.answers.end());
  one.opportunities.insert(one.opportunities.end(), other.opportunities.begin(),
                           other.opportunities.end());
  one.consents.insert(one.consents.end(), other.consents.begin(), other.consents.end());
  return one;
}

Timestamp microseconds(std::int64_t second) {
  return second * microseconds_per_second;
}

constexpr std::uint64_t seeds = 400;
constexpr int numbers_each = 100;

BOOST_AUTO_TEST_SUITE(enrich_standard_properties)

BOOST_AUTO_TEST_CASE(each_equals_the_slow_reference_also_of_two_histories_in_one) {
  Standard standard;
  std::map<std::string, std::map<std::string, int>> seen;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Dice dice(seed);
    const PlainHistory one = some_history(dice, 0), other = some_history(dice, numbers_each);
    const std::int64_t now = moment(dice, 2 * numbers_each);
    for (const PlainHistory& who : {one, merged(one, other), one, other}) {
      const std::string json = json_of(who);
      History history(json);
      const auto computed = standard.all(history, microseconds(now), Changes::ignore);
      const auto expected = slow_reference(who, now);
      std::size_t parts = 0;
      for (std::size_t i = 0; i < computed.size(); ++i) {
        const std::string& name = standard.plan().attribute(i).name;
        if (standard.plan().attribute(i).is_part) {
          ++parts;
          continue;
        }
        const std::string value = shown(computed[i]);
        ++seen[name][value];
        BOOST_TEST(value == expected.at(name), "seed " << seed << ", " << name << " at "
                                                       << format_time(microseconds(now)) << ": "
                                                       << value << ", expected "
                                                       << expected.at(name) << " of " << json);
      }
      BOOST_REQUIRE(expected.size() + parts == standard.plan().size());
    }
  }
  // Every attribute took several values, so that each was put to the test.
  for (const auto& [name, values] : seen) BOOST_TEST(values.size() >= 2, name);
  BOOST_TEST(seen["lifecycle_stage"].size() == 5);
  BOOST_TEST(seen["pyramid_tier"].size() == 6);
  BOOST_TEST(seen["buyer_type"].size() == 4);
  BOOST_TEST(seen["buying_rhythm"].size() == 4);
  BOOST_TEST(seen["journey_phase"].size() == 8);
  BOOST_TEST(seen["next_best_action"].size() == 8);
}

/// What was told at one moment of one value, against what it is at other moments.
struct Told {
  std::size_t changed = 0, uncertain = 0, never = 0;
};

BOOST_AUTO_TEST_CASE(time_changes_what_it_said_it_would_when_it_said_and_nothing_else) {
  Standard standard;
  Told within_a_day, later;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Dice dice(seed);
    const PlainHistory who = some_history(dice, 0);
    const std::int64_t now = moment(dice, numbers_each);
    const std::int64_t tomorrow = now + day_seconds;
    History history(json_of(who));
    const auto told = standard.all(history, microseconds(now), Changes::find);
    std::map<Timestamp, std::vector<Computed>> known;
    const auto value_at = [&](Timestamp moment, std::size_t i) {
      auto& all = known[moment];
      if (all.empty()) all = standard.all(history, moment, Changes::ignore);
      return shown(all[i]);
    };
    for (std::size_t i = 0; i < told.size(); ++i) {
      const std::string text =
          "seed " + std::to_string(seed) + ", " + standard.plan().attribute(i).name;
      const Timestamp at = told[i].changes_at;
      // Tomorrow, in a month, in a year and in forty: the same, as long as nothing else was said.
      for (const int days : {1, 30, 366, 40 * 365}) {
        const Timestamp then = microseconds(now + days * day_seconds);
        if (at == no_time || then < at) BOOST_TEST(value_at(then, i) == shown(told[i]), text);
      }
      Told& counts = at != no_time && at <= microseconds(tomorrow) ? within_a_day : later;
      if (at == no_time) {
        ++counts.never;
        continue;
      }
      BOOST_TEST(value_at(at - 1, i) == shown(told[i]), text);
      if (!told[i].certain) {
        ++counts.uncertain;
      } else {
        ++counts.changed;
        BOOST_TEST(value_at(at, i) != shown(told[i]), text);
      }
    }
  }
  BOOST_TEST_MESSAGE(within_a_day.changed
                     << " changed within a day, " << later.changed << " later, " << later.never
                     << " never, " << within_a_day.uncertain + later.uncertain << " uncertain");
  BOOST_TEST(within_a_day.changed > 500);
  BOOST_TEST(later.changed > 3'000);
  BOOST_TEST(later.never > 1'000);
  BOOST_TEST(within_a_day.uncertain + later.uncertain < later.changed / 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::enrich::test
