// Which records are one order of a customer.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <tuple>

#include "pipeline/merge/orders.h"
#include "unit/merge/records.h"

namespace {

using namespace rondom;
using merge_test::Given;
using merge_test::People;

/// Orders by the streams and keys of their records: "shop/1 ledger/7; shop/2".
class Told {
 public:
  using SortedOut = decltype(merge::orders_of);
  explicit Told(Entity entity = Entity::order, SortedOut& sorted_out = merge::orders_of)
      : records_(entity), sorted_out_(sorted_out) {}

  void add(const std::string& source, const std::string& key, const std::string& number,
           const std::string& at, int observed_day = 1) {
    std::vector<Given> cells;
    if (!number.empty()) cells.push_back({"number", number});
    if (!at.empty()) cells.push_back({"at", at});
    records_.add(source, key, observed_day, cells);
    keys_.push_back(key);
  }

  /// The records in the order of `places`.
  std::string orders(const std::vector<std::size_t>& places, std::vector<std::string> trust) const {
    config::Project project;
    project.merge.trust = std::move(trust);
    config::Diagnostics diagnostics;
    const merge::Rules rules(project, diagnostics);
    std::vector<merge::OrderRecord> records;
    for (const std::size_t at : places) {
      const merge::Member& member = records_.members()[at];
      records.push_back({member, member.source, keys_[at]});
    }
    std::string out;
    for (const merge::Order& order : sorted_out_(rules, records)) {
      out += out.empty() ? "" : "; ";
      for (std::size_t i = 0; i < order.records.size(); ++i) {
        const merge::OrderRecord& record = records[order.records[i]];
        out += (i > 0 ? " " : "") + std::string(record.stream) + "/" + std::string(record.key);
      }
    }
    return out;
  }

  /// Also asks the same in every other order of arrival.
  std::string orders(std::vector<std::string> trust = {}) const {
    std::vector<std::size_t> places(keys_.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    const std::string first = orders(places, trust);
    while (std::next_permutation(places.begin(), places.end())) {
      BOOST_TEST(orders(places, trust) == first);
    }
    return first;
  }

 private:
  People records_;
  SortedOut& sorted_out_;
  std::vector<std::string> keys_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(orders)

BOOST_AUTO_TEST_CASE(one_number_in_two_streams_is_one_order) {
  Told told;
  told.add("visits", "order/20441", "20441", "2026-03-14T21:09:05Z", 9);
  told.add("shop", "7", "20441", "2026-03-14T21:09:01Z", 1);
  told.add("shop", "8", "20442", "2026-03-15T08:00:00Z");
  BOOST_TEST(told.orders() == "shop/8; visits/order/20441 shop/7");
  BOOST_TEST(told.orders({"shop", "visits"}) == "shop/8; shop/7 visits/order/20441");
}

BOOST_AUTO_TEST_CASE(blanks_and_case_of_a_number_say_nothing) {
  Told told;
  told.add("shop", "7", "INV 20441", "2026-03-14T21:09:01Z", 2);
  told.add("ledger", "a", "inv20441", "2026-03-16T00:00:00Z", 1);
  BOOST_TEST(told.orders() == "shop/7 ledger/a");
}

BOOST_AUTO_TEST_CASE(numbers_of_two_shops_may_be_alike) {
  Told told;
  told.add("shop", "1001", "1001", "2026-03-14T12:00:00Z");
  told.add("outlet", "x", "1001", "2026-03-16T12:00:01Z");  // a second over two days
  BOOST_TEST(told.orders() == "outlet/x; shop/1001");
}

BOOST_AUTO_TEST_CASE(two_rows_of_one_stream_are_two_orders_unless_their_key_is_one) {
  Told told;
  told.add("shop", "1", "5", "2026-03-14T12:00:00Z", 1);
  told.add("shop", "2", "5", "2026-03-14T12:00:00Z", 2);
  told.add("visits", "order/5", "5", "2026-03-14T12:00:09Z", 3);
  told.add("visits", "order/5", "5", "2026-03-14T12:07:00Z", 4);  // the page was loaded again
  BOOST_TEST(told.orders() == "visits/order/5 visits/order/5 shop/1; shop/2");
}

BOOST_AUTO_TEST_CASE(one_without_a_time_brings_no_two_together) {
  Told told;
  told.add("ledger", "1", "1001", "", 1);
  told.add("shop", "2", "1001", "2019-05-01T10:00:00Z", 2);
  told.add("outlet", "3", "1001", "2026-02-01T10:00:00Z", 3);
  BOOST_TEST(told.orders() == "outlet/3; shop/2 ledger/1");
}

BOOST_AUTO_TEST_CASE(without_a_number_or_a_time) {
  Told told;
  told.add("shop", "1", "", "2026-03-14T12:00:00Z");
  told.add("visits", "2", "", "2026-03-14T12:00:00Z");
  told.add("shop", "3", "9", "", 2);
  told.add("ledger", "4", "9", "2026-03-10T12:00:00Z", 1);
  BOOST_TEST(told.orders() == "shop/1; visits/2; shop/3 ledger/4");
}

/// The rule as it is written in orders.h, each asked about each.
std::size_t orders_asked_one_by_one(const std::vector<merge::OrderRecord>& records,
                                    const std::vector<Timestamp>& times) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t next = 0; next < records.size(); ++next) {
    const auto is_one_with = [&](std::size_t one) {
      const bool dated = times[one] != no_time && times[next] != no_time;
      if (dated && times[next] - times[one] > merge::one_order_apart_max) return false;
      return records[one].stream != records[next].stream || records[one].key == records[next].key;
    };
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return std::all_of(group.begin(), group.end(), is_one_with);
    });
    if (same == groups.end()) {
      groups.push_back({next});
    } else {
      same->push_back(next);
    }
  }
  return groups.size();
}

BOOST_AUTO_TEST_CASE(records_of_one_number_are_put_together_as_if_each_were_asked_about_each) {
  constexpr unsigned seed = 20260314;
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const config::Project project;
  config::Diagnostics diagnostics;
  const merge::Rules rules(project, diagnostics);
  const std::string_view streams[] = {"shop", "visits", "ledger"};
  for (int round = 0; round < 300; ++round) {
    struct Made {
      Timestamp at;
      std::string name;
      std::string_view stream;
      std::string key;
    };
    std::vector<Made> made;
    for (unsigned i = 0; i < 12; ++i) {
      const Timestamp at =
          random() % 4 == 0 ? no_time : (20'513 + random() % 9) * microseconds_per_day;
      made.push_back(
          {at, "r" + std::to_string(i), streams[random() % 3], std::to_string(random() % 4)});
    }
    std::sort(made.begin(), made.end(), [](const Made& a, const Made& b) {
      return std::tie(a.at, a.name) < std::tie(b.at, b.name);
    });
    std::deque<std::string> texts;
    std::vector<merge::OrderRecord> records;
    std::vector<Timestamp> times;
    for (const Made& one : made) {
      RecordBuilder builder;
      Cell cell;
      cell.attribute = attribute::order_number;
      cell.value = "5";
      builder.add(cell);
      const std::string at = one.at == no_time ? std::string() : format_time(one.at);
      cell.attribute = attribute::activity_at;
      cell.value = at;
      if (!at.empty()) builder.add(cell);
      const std::string& bytes = texts.emplace_back(builder.bytes());
      records.push_back({{one.name, one.stream, 1, bytes}, one.stream, one.key});
      times.push_back(one.at);
    }
    const auto orders = merge::orders_of(rules, records);
    BOOST_TEST(orders.size() == orders_asked_one_by_one(records, times));
    for (const merge::Order& order : orders) {
      for (const std::uint32_t a : order.records) {
        for (const std::uint32_t b : order.records) {
          BOOST_TEST((records[a].stream != records[b].stream || records[a].key == records[b].key));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(twenty_thousand_records_of_one_number_are_sorted_out) {
  const config::Project project;
  config::Diagnostics diagnostics;
  const merge::Rules rules(project, diagnostics);
  People people(Entity::order);
  std::deque<std::string> keys;
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) {
    people.add(i % 2 == 0 ? "shop" : "ledger", keys.emplace_back(std::to_string(i)), 1,
               {{"number", "0"}, {"at", "2026-03-14T12:00:00Z"}});
  }
  std::vector<merge::OrderRecord> records;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const merge::Member& member = people.members()[i];
    records.push_back({member, member.source, keys[i]});
  }
  BOOST_TEST(merge::orders_of(rules, records).size() == std::size_t{count} / 2);
}

BOOST_AUTO_TEST_CASE(one_record_alone_says_what_it_says) {
  const auto values = [](const std::vector<Given>& cells) {
    People people(Entity::order);
    people.add("shop", "7", 2, cells);
    const merge::Member& member = people.members().front();
    const merge::Order order{{0}};
    RecordBuilder builder;
    return merge_test::text_of(merge::values_of(order, {{member, member.source, "k"}}, builder));
  };
  BOOST_TEST(values({{"number", "5"}, {"status", "paid"}}) == "status=paid; number=5");
  BOOST_TEST(values({{"number", "5"}, {"status", ""}}) == "number=5");
}

BOOST_AUTO_TEST_CASE(one_number_in_two_systems_is_one_opportunity) {
  Told told(Entity::opportunity, merge::opportunities_of);
  told.add("crm", "006A", "O-77", "2026-01-01T12:00:00Z", 1);
  told.add("quotes", "9", "o-77", "2026-04-01T12:00:00Z", 2);  // 90 days later it was sent an offer
  told.add("crm", "006B", "", "2026-02-01T12:00:00Z");
  told.add("quotes", "8", "", "2026-02-01T12:00:00Z");
  told.add("crm", "006C", "O-78", "2026-01-01T12:00:00Z");
  told.add("quotes", "7", "O-78", "2026-04-01T12:00:01Z");  // a second more
  BOOST_TEST(told.orders() == "quotes/7; quotes/9 crm/006A; crm/006B; quotes/8; crm/006C");
  BOOST_TEST(told.orders({"crm"}) == "quotes/7; crm/006B; quotes/8; crm/006A quotes/9; crm/006C");
}

BOOST_AUTO_TEST_CASE(what_one_leaves_out_the_other_says) {
  People people(Entity::order);
  people.add("shop", "7", 2, {{"number", "5"}, {"status", "paid"}, {"total", "1000 EUR"}});
  people.add("visits", "8", 1,
             {{"number", "5"},
              {"status", "open"},
              {"lines.sku#1", "CITY-7"},
              {"lines.quantity#1", "1"},
              {"lines.sku#2", "BELL"},
              {"custom.campaign", "spring"}});
  people.add("ledger", "9", 0, {{"number", "5"}, {"lines.sku#1", "other"}, {"custom.vat", "21"}});
  std::vector<merge::OrderRecord> records;
  for (const merge::Member& member : people.members()) {
    records.push_back({member, member.source, "k"});
  }
  config::Project project;
  config::Diagnostics diagnostics;
  const auto found = merge::orders_of(merge::Rules(project, diagnostics), records);
  BOOST_REQUIRE(found.size() == 1);
  RecordBuilder builder;
  BOOST_TEST(merge_test::text_of(merge::values_of(found.front(), records, builder)) ==
             "custom.campaign=spring; custom.vat=21; status=paid; total=1000 EUR; number=5; "
             "lines.sku#1=CITY-7; lines.sku#2=BELL; lines.quantity#1=1");
}

BOOST_AUTO_TEST_SUITE_END()
