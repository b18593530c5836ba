// The attributes that come with Rondom, against values that were worked out by hand.
#include "unit/enrich/standard.h"

namespace rondom::enrich::test {
namespace {

/// {"at":…,"status":…,"total":…,"lines":[{"category":…,"total":…}]}
std::string order(const std::string& at, const std::string& status, const std::string& total,
                  const std::string& category = "") {
  const std::string kind = category.empty() ? "" : R"("category":")" + category + "\",";
  return R"({"at":")" + at + R"(","status":")" + status + R"(","total":")" + total +
         R"(","lines":[{)" + kind + R"("total":")" + total + R"("}]})";
}
std::string event(const std::string& at, const std::string& type, const std::string& channel,
                  const std::string& subject, const std::string& score = "") {
  const std::string custom = score.empty() ? "" : R"(,"custom":{"score":")" + score + "\"}";
  return R"({"at":")" + at + R"(","type":")" + type + R"(","channel":")" + channel +
         R"(","subject":")" + subject + "\"" + custom + "}";
}
std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return "[" + out + "]";
}
std::string with_orders(const std::vector<std::string>& orders) {
  return R"({"profile":{},"orders":)" + joined(orders) + "}";
}
std::string with_events(const std::vector<std::string>& events) {
  return R"({"profile":{},"events":)" + joined(events) + "}";
}
std::string born(const std::string& day) {
  return R"({"profile":{"birth_date":")" + day + R"("}})";
}

constexpr const char* day = "2026-03-14T12:00:00Z";
const std::string nothing = R"({"profile":{}})";

BOOST_AUTO_TEST_SUITE(enrich_standard)

BOOST_AUTO_TEST_CASE(age_of_whole_and_partial_dates) {
  Standard standard;
  const std::string leap = born("1980-02-29");
  BOOST_TEST(standard.of("age", leap, "2026-02-28T22:59:59Z") == "45");
  BOOST_TEST(standard.of("age", leap, "2026-02-28T23:00:00Z") == "46");  // 1 March in Amsterdam
  BOOST_TEST(standard.of("age", leap, "2028-02-28T22:59:59Z") == "47");
  BOOST_TEST(standard.of("age", leap, "2028-02-28T23:00:00Z") == "48");  // there is a 29 February
  BOOST_TEST(standard.of("age", born("1980"), day) == "null");
  BOOST_TEST(standard.of("age_at_least", born("1980"), day) == "45");
  BOOST_TEST(standard.of("age_at_least", born("1980-03"), day) == "45");
  BOOST_TEST(standard.of("age_at_least", born("1980-02"), day) == "46");
  BOOST_TEST(standard.of("generation", born("1980"), day) == "\"x\"");
  BOOST_TEST(standard.of("generation", born("1981-01-01"), day) == "\"millennial\"");
  BOOST_TEST(standard.of("generation", nothing, day) == "null");
}

BOOST_AUTO_TEST_CASE(years_and_days_are_those_of_the_zone) {
  Standard here, there("UTC");
  const std::string eve = with_orders({order("2024-12-31T23:30:00Z", "paid", "50.00 EUR", "bike")});
  BOOST_TEST(here.of("spend_2025", eve, day) == "\"5000 EUR\"");
  BOOST_TEST(there.of("spend_2025", eve, day) == "\"0 EUR\"");
  BOOST_TEST(here.of("orders_2025", eve, day) == "1");
  BOOST_TEST(here.of("average_order_2025", eve, day) == "\"5000 EUR\"");
  BOOST_TEST(there.of("average_order_2025", eve, day) == "null");
  BOOST_TEST(here.of("spend_bike_2025", eve, day) == "\"5000 EUR\"");
  // Clocks go forward on 29 March 2026 and back on 25 October: a day of 23 hours, one of 25.
  const std::string spring = with_orders({order("2026-03-28T22:59:00Z", "paid", "1.00 EUR")});
  BOOST_TEST(here.of("rfm_recency", spring, "2026-03-29T21:59:59Z") == "1");
  BOOST_TEST(here.of("rfm_recency", spring, "2026-03-29T22:00:00Z") == "2");
  const std::string autumn = with_orders({order("2026-10-24T22:30:00Z", "paid", "1.00 EUR")});
  BOOST_TEST(here.of("rfm_recency", autumn, "2026-10-25T22:59:59Z") == "0");
  BOOST_TEST(here.of("rfm_recency", autumn, "2026-10-25T23:00:00Z") == "1");
}

BOOST_AUTO_TEST_CASE(what_was_bought) {
  Standard standard;
  const std::string mixed = with_orders({
      order("2026-03-10T10:00:00Z", "open", "999.00 EUR", "bike"),
      order("2026-03-09T10:00:00Z", "refunded", "80.00 EUR", "bike"),
      order("2026-03-01T10:00:00Z", "paid", "100.00 EUR", "bike"),
      order("2026-02-01T10:00:00Z", "cancelled", "70.00 EUR", "bike"),
      order("2025-03-14T12:00:00Z", "shipped", "50.01 EUR"),  // 365 days ago to the second: outside
      order("2024-01-01T10:00:00Z", "paid", "20.00 EUR", "helmet"),
  });
  BOOST_TEST(standard.of("orders_total", mixed, day) == "3");
  BOOST_TEST(standard.of("spend_total", mixed, day) == "\"17001 EUR\"");
  BOOST_TEST(standard.of("average_order", mixed, day) == "\"5667 EUR\"");
  BOOST_TEST(standard.of("rfm_frequency", mixed, day) == "1");
  BOOST_TEST(standard.of("rfm_monetary", mixed, day) == "\"10000 EUR\"");
  BOOST_TEST(standard.of("rfm_monetary", mixed, "2025-03-14T12:00:00Z") == "\"5001 EUR\"");
  BOOST_TEST(standard.of("rfm_recency", mixed, day) == "13");
  BOOST_TEST(standard.of("first_order_total", mixed, day) == "\"2000 EUR\"");
  BOOST_TEST(standard.of("last_order_total", mixed, day) == "\"10000 EUR\"");
  BOOST_TEST(standard.of("spend_bike", mixed, day) == "\"10000 EUR\"");
  BOOST_TEST(standard.of("average_order_bike", mixed, day) == "\"10000 EUR\"");
  BOOST_TEST(standard.of("orders_trend", mixed, day) == "0");  // one, and one the year before
  BOOST_TEST(standard.of("return_share", mixed, day) == "0.25");
  // 730 days and a half ago is in neither year.
  const std::string long_ago = with_orders({order("2024-03-14T00:00:00Z", "paid", "1.00 EUR")});
  BOOST_TEST(standard.of("orders_trend", long_ago, day) == "0");
  BOOST_TEST(standard.of("orders_trend", long_ago, "2026-03-13T12:00:00Z") == "-1");
  BOOST_TEST(standard.of("orders_total", nothing, day) == "0");
  BOOST_TEST(standard.of("spend_total", nothing, day) == "\"0 EUR\"");
  BOOST_TEST(standard.of("average_order", nothing, day) == "null");
  BOOST_TEST(standard.of("rfm_recency", nothing, day) == "null");
  BOOST_TEST(standard.of("return_share", nothing, day) == "null");
  // What has not happened yet on that day is in no window.
  BOOST_TEST(standard.of("rfm_frequency", mixed, "2026-02-28T00:00:00Z") == "1");
}

BOOST_AUTO_TEST_CASE(two_currencies_do_not_add_up) {
  Standard standard;
  const std::string both =
      with_orders({order("2026-03-02T10:00:00Z", "paid", "10.00 EUR", "bike"),
                   order("2026-03-01T10:00:00Z", "paid", "10.00 USD", "bike")});
  for (const char* name :
       {"spend_total", "average_order", "rfm_monetary", "spend_bike", "pyramid_tier"}) {
    BOOST_TEST(standard.of(name, both, day).starts_with("! "), name);
  }
  BOOST_TEST(standard.of("orders_total", both, day) == "2");
  BOOST_TEST(standard.of("lifecycle_stage", both, day) == "\"new\"");
}

BOOST_AUTO_TEST_CASE(value_and_kind_of_buyer) {
  Standard standard;
  const auto bought = [](const std::string& total, const std::string& at) {
    return with_orders({order(at, "paid", total)});
  };
  BOOST_TEST(standard.of("pyramid_tier", nothing, day) == "\"prospect\"");
  BOOST_TEST(standard.of("pyramid_tier", bought("5000.00 EUR", "2025-03-01T10:00:00Z"), day) ==
             "\"inactive\"");
  BOOST_TEST(standard.of("pyramid_tier", bought("99.99 EUR", "2026-03-01T10:00:00Z"), day) ==
             "\"small\"");
  BOOST_TEST(standard.of("pyramid_tier", bought("100.00 EUR", "2026-03-01T10:00:00Z"), day) ==
             "\"medium\"");
  BOOST_TEST(standard.of("pyramid_tier", bought("999.99 EUR", "2026-03-01T10:00:00Z"), day) ==
             "\"big\"");
  BOOST_TEST(standard.of("pyramid_tier", bought("1000.00 EUR", "2026-03-01T10:00:00Z"), day) ==
             "\"top\"");
  const auto times = [](const std::vector<std::string>& days) {
    std::vector<std::string> orders;
    for (const std::string& at : days)
      orders.push_back(order(at + "T10:00:00Z", "paid", "1.00 EUR"));
    return with_orders(orders);
  };
  BOOST_TEST(standard.of("buyer_type", nothing, day) == "null");
  BOOST_TEST(standard.of("buyer_type", times({"2026-01-01"}), day) == "\"one_time\"");
  BOOST_TEST(standard.of("buyer_type", times({"2026-01-01", "2025-01-01"}), day) == "\"repeat\"");
  BOOST_TEST(standard.of("buyer_type",
                         times({"2026-02-01", "2026-01-01", "2025-12-01", "2025-01-01"}),
                         day) == "\"loyal\"");
  BOOST_TEST(standard.of("buyer_type",
                         times({"2026-02-01", "2026-01-01", "2025-12-01", "2025-11-01"}),
                         day) == "\"repeat\"");
  BOOST_TEST(standard.of("buyer_type",
                         times({"2026-02-01", "2026-01-01", "2025-12-01", "2024-03-14"}),
                         day) == "\"repeat\"");  // 730 days and two hours ago
}

BOOST_AUTO_TEST_CASE(lapsed_and_back) {
  Standard standard;
  const std::vector<std::string> first = {order("2024-01-10T10:00:00Z", "paid", "10.00 EUR")};
  std::vector<std::string> back = first;
  back.insert(back.begin(), order("2026-03-01T10:00:00Z", "paid", "10.00 EUR"));
  const auto stage = [&](const std::vector<std::string>& orders, const char* when) {
    return standard.of("lifecycle_stage", with_orders(orders), when);
  };
  BOOST_TEST(stage({}, day) == "\"lead\"");
  BOOST_TEST(stage({order("2026-03-01T10:00:00Z", "open", "1.00 EUR")}, day) == "\"lead\"");
  BOOST_TEST(stage(first, "2024-04-08T12:00:00Z") == "\"new\"");  // 89 days
  BOOST_TEST(stage(first, "2024-04-09T12:00:00Z") == "\"active\"");
  BOOST_TEST(stage(first, "2025-01-09T09:59:59Z") == "\"active\"");
  BOOST_TEST(stage(first, "2025-01-09T10:00:00Z") == "\"lapsed\"");  // 365 days: 2024 had 366
  BOOST_TEST(stage(back, day) == "\"won_back\"");
  back.insert(back.begin(), order("2026-03-05T10:00:00Z", "paid", "10.00 EUR"));
  BOOST_TEST(stage(back, day) == "\"won_back\"");  // a second one makes no other customer of them
  BOOST_TEST(stage(back, "2027-03-03T00:00:00Z") == "\"active\"");  // only the second is left
  // 364 days and four hours are 365 days of the calendar: they never had lapsed.
  const std::vector<std::string> in_time = {order("2026-01-09T01:00:00Z", "paid", "1.00 EUR"),
                                            order("2025-01-09T21:00:00Z", "paid", "1.00 EUR")};
  BOOST_TEST(stage(in_time, day) == "\"active\"");
  const std::vector<std::string> steady = {order("2026-03-01T10:00:00Z", "paid", "1.00 EUR"),
                                           order("2025-03-02T10:00:00Z", "paid", "1.00 EUR")};
  BOOST_TEST(stage(steady, day) == "\"active\"");  // 364 days between them
}

BOOST_AUTO_TEST_CASE(before_the_only_order_there_was_none) {
  Standard standard;
  const std::string one = with_orders({order("2026-04-11T10:00:00Z", "paid", "50.00 EUR", "bike")});
  for (const char* const name :
       {"rfm_recency", "first_order_at", "last_order_at", "first_order_total", "average_order"}) {
    BOOST_TEST(standard.of(name, one, day) == "null", name);
  }
  BOOST_TEST(standard.of("orders_total", one, day) == "0");
  BOOST_TEST(standard.of("lifecycle_stage", one, day) == "\"lead\"");
  BOOST_TEST(standard.of("lifecycle_stage", one, "2026-04-11T10:00:00Z") == "\"new\"");
  BOOST_TEST(standard.of("rfm_recency", one, "2026-04-11T10:00:00Z") == "0");
}

BOOST_AUTO_TEST_CASE(contacts_interests_and_needs) {
  Standard standard;
  const std::vector<std::string> events = {
      event("2026-03-13T10:00:00Z", "question", "phone", "bike"),
      event("2026-03-01T10:00:00Z", "page_view", "web", "bike"),
      event("2026-02-01T10:00:00Z", "mail_opened", "email", "bike"),
      event("2026-01-01T10:00:00Z", "mail_sent", "email", "helmet"),
      event("2025-12-20T10:00:00Z", "page_view", "web", "bike"),
      event("2025-03-14T12:00:00Z", "mail_sent", "email", "bike"),
  };
  BOOST_TEST(standard.of("contacts_email", with_events(events), day) == "2");
  BOOST_TEST(standard.of("last_contact_email_at", with_events(events), day) ==
             "\"2026-02-01T10:00:00Z\"");
  BOOST_TEST(standard.of("freshness_days", with_events(events), day) == "1");
  BOOST_TEST(standard.of("freshness_days", nothing, day) == "null");
  BOOST_TEST(standard.of("interest_bike", with_events(events), day) == "11");  // 4 + 4 + 2 + 1
  BOOST_TEST(standard.of("interest_bike", with_events(events), "2026-04-12T10:00:00Z") == "5");
  BOOST_TEST(standard.of("interest_bike", nothing, day) == "0");
  BOOST_TEST(standard.of("need_bike", with_events(events), day) == "true");
  const std::string half_a_day_too_old =
      with_events({event("2026-03-01T10:00:00Z", "page_view", "web", "bike"),
                   event("2025-12-14T00:00:00Z", "page_view", "web", "bike")});
  BOOST_TEST(standard.of("need_bike", half_a_day_too_old, day) == "false");
  BOOST_TEST(standard.of("need_bike", half_a_day_too_old, "2026-03-13T12:00:00Z") == "true");
  const auto bought = [&](const std::string& at, const std::string& status,
                          const std::string& category) {
    return R"({"profile":{},"events":)" + joined(events) + R"(,"orders":)" +
           joined({order(at, status, "500.00 EUR", category)}) + "}";
  };
  BOOST_TEST(standard.of("need_bike", bought("2026-03-14T10:00:00Z", "paid", "bike"), day) ==
             "false");
  BOOST_TEST(standard.of("need_bike", bought("2026-03-14T10:00:00Z", "open", "bike"), day) ==
             "true");
  BOOST_TEST(standard.of("need_bike", bought("2026-03-14T10:00:00Z", "paid", "helmet"), day) ==
             "true");
  BOOST_TEST(standard.of("need_bike", bought("2026-02-20T10:00:00Z", "paid", "bike"), day) ==
             "true");  // two since
  BOOST_TEST(standard.of("need_bike", bought("2026-03-01T10:00:00Z", "paid", "bike"), day) ==
             "false");  // the one at that very moment is no later one
}

BOOST_AUTO_TEST_CASE(a_stated_channel_comes_before_an_observed_one) {
  Standard standard;
  const auto channel = [&](const std::vector<std::string>& events, const std::string& profile) {
    return standard.of("preferred_channel",
                       R"({"profile":{)" + profile + R"(},"events":)" + joined(events) + "}", day);
  };
  std::vector<std::string> events = {
      event("2026-03-13T10:00:00Z", "mail_sent", "email", "bike"),  // ours
      event("2026-03-12T10:00:00Z", "mail_sent", "email", "bike"),
      event("2026-03-01T10:00:00Z", "question", "phone", "bike"),
      event("2026-02-01T10:00:00Z", "page_view", "web", "bike"),
  };
  BOOST_TEST(channel(events, "") == "\"phone\"");  // one each: the newest
  events.push_back(event("2025-03-14T12:00:01Z", "page_view", "web", "bike"));
  BOOST_TEST(channel(events, "") == "\"web\"");
  events.back() = event("2025-03-14T12:00:00Z", "page_view", "web", "bike");  // 365 days ago: out
  BOOST_TEST(channel(events, "") == "\"phone\"");
  const std::string wanted = R"({"channel":"post","choice":"wanted","at":"2025-01-01T10:00:00Z"})";
  const std::string unwanted =
      R"({"channel":"chat","choice":"unwanted","at":"2026-01-01T10:00:00Z"})";
  const std::string topic = R"({"topic":"bikes","choice":"wanted","at":"2026-02-01T10:00:00Z"})";
  const std::string later = R"({"channel":"sms","choice":"wanted","at":"2025-01-02T10:00:00Z"})";
  const auto stated = [&](const std::vector<std::string>& preferences) {
    return channel(events, R"("preferences":)" + joined(preferences));
  };
  BOOST_TEST(stated({wanted, unwanted, topic}) == "\"post\"");
  BOOST_TEST(stated({wanted, later}) == "\"sms\"");
  BOOST_TEST(stated({unwanted, topic}) == "\"phone\"");
  BOOST_TEST(channel({}, "") == "null");
}

BOOST_AUTO_TEST_CASE(what_they_buy_most_and_whether_it_grows) {
  Standard standard;
  std::vector<std::string> orders = {
      order("2026-03-01T10:00:00Z", "paid", "100.00 EUR", "bike"),
      order("2025-09-01T10:00:00Z", "cancelled", "900.00 EUR", "helmet"),
      order("2025-01-01T10:00:00Z", "shipped", "250.00 EUR", "helmet"),
  };
  BOOST_TEST(standard.of("favourite_category", with_orders(orders), day) == "\"bike\"");
  BOOST_TEST(standard.of("spend_trend", with_orders(orders), day) == "\"-15000 EUR\"");
  orders.push_back(order("2024-06-01T10:00:00Z", "paid", "10.00 EUR", "helmet"));
  BOOST_TEST(standard.of("favourite_category", with_orders(orders), day) == "\"helmet\"");
  BOOST_TEST(standard.of("spend_trend", with_orders(orders), day) == "\"-16000 EUR\"");
  // Two years and a day later only the bike is left, and then it is all growth of the year before.
  BOOST_TEST(standard.of("favourite_category", with_orders(orders), "2027-01-02T00:00:00Z") ==
             "\"bike\"");
  BOOST_TEST(standard.of("spend_trend", with_orders(orders), "2027-03-02T00:00:00Z") ==
             "\"-10000 EUR\"");
  BOOST_TEST(standard.of("spend_trend", nothing, day) == "null");
  // A day of February that not every year has.
  const std::string leap = with_orders({order("2024-02-29T10:00:00Z", "paid", "1.00 EUR", "bike")});
  BOOST_TEST(standard.of("favourite_category", leap, "2026-02-28T09:59:59Z") == "\"bike\"");
  BOOST_TEST(standard.of("favourite_category", leap, "2026-02-28T10:00:00Z") == "null");
}

BOOST_AUTO_TEST_CASE(who_would_recommend_us) {
  Standard standard;
  std::vector<std::string> events = {
      event("2026-03-01T10:00:00Z", "survey_answer", "email", "delivery", "1"),
      event("2026-02-01T10:00:00Z", "survey_answer", "email", "nps", "9"),
      event("2025-02-01T10:00:00Z", "survey_answer", "email", "nps", "4"),
  };
  BOOST_TEST(standard.of("nps_last", with_events(events), day) == "9");
  BOOST_TEST(standard.of("advocate", with_events(events), day) == "true");
  BOOST_TEST(standard.of("advocate", nothing, day) == "false");
  events.push_back(event("2025-03-15T10:00:00Z", "complaint", "phone", "delivery"));
  BOOST_TEST(standard.of("advocate", with_events(events), day) == "false");
  BOOST_TEST(standard.of("advocate", with_events(events), "2026-03-15T10:00:00Z") == "true");
  BOOST_TEST(
      standard
          .of("nps_last",
              with_events({event("2026-03-01T10:00:00Z", "survey_answer", "email", "nps", "very")}),
              day)
          .starts_with("! "));
}

/// {"at":…,"subject":…,…}
std::string need(const std::string& at, const std::string& status, const std::string& kind) {
  return R"({"at":")" + at + R"(","subject":"bike","status":")" + status + R"(","kind":")" + kind +
         "\"}";
}
std::string whole(const std::string& lists) {
  return R"({"profile":{},)" + lists + "}";
}

BOOST_AUTO_TEST_CASE(a_stated_need_lasts_until_it_is_met_bought_or_old) {
  Standard standard;
  const auto wants = [&](const std::string& needs, const std::string& orders, const char* when) {
    return standard.of("need_bike",
                       whole(R"("needs":[)" + needs + R"(],"orders":[)" + orders + "]"), when);
  };
  const std::string open = need("2026-02-01T10:00:00Z", "open", "temporary");
  BOOST_TEST(wants(open, "", day) == "true");
  BOOST_TEST(wants(need("2026-02-01T10:00:00Z", "fulfilled", "temporary"), "", day) == "false");
  BOOST_TEST(wants(open, "", "2027-02-01T09:59:59Z") == "true");
  BOOST_TEST(wants(open, "", "2027-02-01T10:00:00Z") == "false");  // 365 days
  const std::string bike = order("2026-03-01T10:00:00Z", "paid", "500.00 EUR", "bike");
  BOOST_TEST(wants(open, bike, "2026-03-01T09:59:59Z") == "true");
  BOOST_TEST(wants(open, bike, "2026-03-01T10:00:00Z") == "false");
  BOOST_TEST(wants(open, order("2026-03-01T10:00:00Z", "paid", "5.00 EUR", "helmet"), day) ==
             "true");
  BOOST_TEST(wants(open, order("2026-03-01T10:00:00Z", "refunded", "5.00 EUR", "bike"), day) ==
             "true");
  BOOST_TEST(wants(open, order("2026-01-01T10:00:00Z", "paid", "5.00 EUR", "bike"), day) == "true");
  const std::string lasting = need("2020-02-01T10:00:00Z", "open", "lasting");
  BOOST_TEST(wants(lasting, bike, day) == "true");
  BOOST_TEST(wants(need("2026-03-15T10:00:00Z", "open", "lasting"), "", day) ==
             "false");  // to come
  BOOST_TEST(wants("", "", day) == "false");
}

BOOST_AUTO_TEST_CASE(what_a_device_did_counts_half) {
  Standard standard;
  const auto by = [](const std::string& at, const std::string& actor) {
    return R"({"at":")" + at + R"(","type":"page_view","subject":"bike","actor":")" + actor + "\"}";
  };
  const std::string known = event("2026-03-10T10:00:00Z", "page_view", "web", "bike");
  const std::string device = by("2026-03-11T10:00:00Z", "visitor:v1");
  const std::string mail = by("2026-03-12T10:00:00Z", "email:a@example.com");
  const auto of = [&](const char* name, const std::vector<std::string>& events) {
    return standard.of(name, with_events(events), day);
  };
  BOOST_TEST(of("interest_bike", {known}) == "4");
  BOOST_TEST(of("interest_bike", {mail}) == "4");
  BOOST_TEST(of("interest_bike", {device}) == "2");
  BOOST_TEST(of("interest_bike", {mail, device, known}) == "10");
  const std::string old = by("2025-12-20T10:00:00Z", "visitor:v1");
  BOOST_TEST(of("interest_bike", {old}) == "0.5");
  BOOST_TEST(of("need_bike", {known, mail}) == "true");
  BOOST_TEST(of("need_bike", {known, device}) == "false");
  BOOST_TEST(of("need_bike", {known, device, device}) == "true");
  BOOST_TEST(of("need_bike", {device, device, device}) == "false");
  BOOST_TEST(of("need_bike", {device, device, device, device}) == "true");
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_survey_counts_as_the_event_of_one_does) {
  Standard standard;
  const auto answer = [](const std::string& at, const std::string& measure,
                         const std::string& rest) {
    return R"({"at":")" + at + R"(","measure":")" + measure + "\"," + rest + "}";
  };
  const auto both = [&](const std::string& answers, const std::string& events) {
    return whole(R"("survey_answers":[)" + answers + R"(],"events":[)" + events + "]");
  };
  const std::string nine = answer("2026-02-01T10:00:00Z", "nps", R"("score":9)");
  const std::string told = event("2026-02-02T10:00:00Z", "survey_answer", "email", "nps", "3");
  const std::string before = event("2026-01-02T10:00:00Z", "survey_answer", "email", "nps", "3");
  BOOST_TEST(standard.of("nps_last", both(nine, ""), day) == "9");
  BOOST_TEST(standard.of("nps_last", both(nine, told), day) == "3");
  BOOST_TEST(standard.of("nps_last", both(nine, before), day) == "9");
  BOOST_TEST(standard.of("nps_last", both("", before), day) == "3");
  BOOST_TEST(standard.of("advocate", both(nine, before), day) == "true");
  BOOST_TEST(standard.of("advocate", both(nine, told), day) == "false");
  // Another measure, another scale.
  const std::string others = answer("2026-03-01T10:00:00Z", "csat", R"("score":2)") + "," +
                             answer("2026-02-20T10:00:00Z", "nps", R"("score":4,"scale_max":5)");
  BOOST_TEST(standard.of("nps_last", both(others + "," + nine, ""), day) == "9");
}

BOOST_AUTO_TEST_CASE(a_tenth_more_than_the_year_before) {
  Standard standard;
  const std::string bought = with_orders({
      order("2026-03-01T10:00:00Z", "paid", "60.00 EUR"),
      order("2025-12-01T10:00:00Z", "open", "999.00 EUR"),
      order("2025-03-14T12:00:00Z", "shipped", "100.05 EUR"),  // 365 days ago to the second
      order("2024-03-14T12:00:00Z", "paid", "400.00 EUR"),     // 730 days ago: neither year
  });
  BOOST_TEST(standard.of("target_spend", bought, day) == "\"11006 EUR\"");  // 110.055
  BOOST_TEST(standard.of("target_progress", bought, day) == "0.545157");    // 60 / 110.06
  const std::string new_here = with_orders({order("2026-03-01T10:00:00Z", "paid", "60.00 EUR")});
  BOOST_TEST(standard.of("target_spend", new_here, day) == "null");
  BOOST_TEST(standard.of("target_progress", new_here, day) == "null");
  BOOST_TEST(standard.of("target_progress", new_here, "2027-03-02T00:00:00Z") == "0");
}

BOOST_AUTO_TEST_CASE(regular_or_all_at_once) {
  Standard standard;
  const auto rhythm = [&](const std::vector<std::string>& days) {
    std::vector<std::string> orders;
    for (const std::string& at : days)
      orders.push_back(order(at + "T10:00:00Z", "paid", "1.00 EUR"));
    const std::string json = with_orders(orders);
    return standard.of("buying_rhythm", json, day) + standard.of("quarters_with_orders", json, day);
  };
  BOOST_TEST(rhythm({}) == "\"too_few\"0");
  BOOST_TEST(rhythm({"2026-03-01", "2025-10-01"}) == "\"too_few\"2");
  BOOST_TEST(rhythm({"2026-03-01", "2026-02-01", "2026-01-01"}) == "\"impulsive\"1");
  BOOST_TEST(rhythm({"2025-06-03", "2025-06-02", "2025-06-01"}) == "\"impulsive\"1");
  BOOST_TEST(rhythm({"2026-03-01", "2026-02-01", "2025-10-01"}) == "\"mixed\"2");
  BOOST_TEST(rhythm({"2026-03-01", "2025-12-01", "2025-08-01"}) == "\"loyal\"3");
  BOOST_TEST(rhythm({"2025-12-13", "2025-12-12", "2025-09-14"}) ==
             "\"impulsive\"1");  // 91 to 182 days
  BOOST_TEST(rhythm({"2026-03-01", "2025-12-01", "2025-03-15"}) ==
             "\"too_few\"2");  // 364 days and more
}

BOOST_AUTO_TEST_CASE(on_the_way_from_not_knowing_us_to_leaving) {
  Standard standard;
  const auto phase = [&](const std::string& lists, const char* when) {
    return standard.of("journey_phase", whole(lists), when) +
           std::to_string(standard.rule_of("journey_phase", whole(lists), when));
  };
  const auto bought = [](const std::vector<std::string>& days) {
    std::vector<std::string> orders;
    for (const std::string& at : days)
      orders.push_back(order(at + "T10:00:00Z", "paid", "1.00 EUR"));
    return R"("orders":)" + joined(orders);
  };
  BOOST_TEST(phase(R"("orders":[])", day) == "\"unaware\"8");
  const std::string visit = event("2026-03-01T10:00:00Z", "page_view", "web", "bike");
  const std::string mail = event("2026-03-02T10:00:00Z", "mail_sent", "email", "bike");
  BOOST_TEST(phase(R"("events":)" + joined({visit, mail, mail, mail}), day) == "\"interest\"7");
  BOOST_TEST(phase(R"("events":)" + joined({mail}), day) == "\"unaware\"8");
  BOOST_TEST(phase(R"("events":)" + joined({visit}), "2026-05-30T10:00:00Z") == "\"unaware\"8");
  BOOST_TEST(phase(R"("events":)" + joined({visit, visit, visit}), day) == "\"consideration\"6");
  BOOST_TEST(phase(R"("needs":)" + joined({need("2020-03-01T10:00:00Z", "open", "lasting")}),
                   day) == "\"consideration\"6");
  BOOST_TEST(phase(R"("opportunities":[{"at":"2026-03-01T10:00:00Z","stage":"open"}])", day) ==
             "\"consideration\"6");
  BOOST_TEST(phase(R"("opportunities":[{"at":"2026-03-01T10:00:00Z","stage":"won"}])", day) ==
             "\"unaware\"8");
  BOOST_TEST(phase(R"("orders":)" + joined({order("2026-03-01T10:00:00Z", "open", "1.00 EUR")}),
                   day) == "\"purchase\"1");
  BOOST_TEST(phase(bought({"2026-03-01"}), "2026-03-15T09:59:59Z") == "\"purchase\"1");
  BOOST_TEST(phase(bought({"2026-03-01"}), "2026-03-15T10:00:00Z") == "\"use\"5");
  BOOST_TEST(phase(bought({"2026-03-01"}), "2026-08-28T10:00:00Z") == "\"at_risk\"3");  // 180 days
  BOOST_TEST(phase(bought({"2026-03-01"}), "2027-03-01T10:00:00Z") == "\"lapsed\"2");
  BOOST_TEST(phase(bought({"2026-02-01", "2026-01-01", "2025-12-01"}), day) == "\"loyal\"4");
}

BOOST_AUTO_TEST_CASE(what_helps_them_comes_before_what_sells) {
  Standard standard;
  const auto action = [&](const std::string& consents, const std::string& lists) {
    const std::string json =
        R"({"profile":{"consents":[)" + consents + "]}" + (lists.empty() ? "" : "," + lists) + "}";
    return standard.of("next_best_action", json, day) +
           std::to_string(standard.rule_of("next_best_action", json, day));
  };
  const std::string yes = R"({"status":"granted"})";
  const auto until = [](const std::string& at) {
    return R"({"status":"granted","expires_at":")" + at + "\"}";
  };
  const std::string complaint = event("2026-03-01T10:00:00Z", "complaint", "phone", "delivery");
  const std::string solved = event("2026-03-02T10:00:00Z", "complaint_solved", "phone", "delivery");
  BOOST_TEST(action(yes, R"("events":)" + joined({complaint})) == "\"serve\"2");
  BOOST_TEST(action("", R"("events":)" + joined({complaint})) == "\"serve\"2");
  BOOST_TEST(action(yes, R"("events":)" + joined({solved, complaint})) == "\"inform\"8");
  BOOST_TEST(action("", R"("events":)" + joined({solved, complaint})) == "\"ask_permission\"3");
  BOOST_TEST(action(R"({"status":"withdrawn"})", "") == "\"ask_permission\"3");
  BOOST_TEST(action(until("2026-03-14T09:00:00Z"), "") == "\"ask_permission\"3");  // its last day
  BOOST_TEST(action(until("2026-03-15T09:00:00Z"), "") == "\"inform\"8");
  const std::string wish =
      R"("needs":)" + joined({need("2026-03-01T10:00:00Z", "open", "temporary")});
  BOOST_TEST(action(yes, wish) == "\"offer\"4");
  BOOST_TEST(action("", wish) == "\"ask_permission\"3");
  const auto bought = [](const std::string& at) {
    return R"("orders":)" + joined({order(at, "paid", "1.00 EUR")});
  };
  BOOST_TEST(action(yes, bought("2025-03-01T10:00:00Z")) == "\"win_back\"5");
  BOOST_TEST(action(yes, bought("2026-03-01T10:00:00Z")) == "\"welcome\"7");
  BOOST_TEST(action(yes, bought("2026-01-01T10:00:00Z")) == "\"inform\"8");
  BOOST_TEST(
      action(yes,
             R"("survey_answers":[{"at":"2026-01-01T10:00:00Z","measure":"nps","score":9}])") ==
      "\"ask_referral\"6");
  const auto of_whom = [&](const std::string& profile) {
    const std::string json =
        R"({"profile":{"consents":[{"status":"granted"}],)" + profile + "}," + wish + "}";
    return standard.of("next_best_action", json, day);
  };
  BOOST_TEST(of_whom(R"("death":{"status":"confirmed"})") == "\"leave_alone\"");
  BOOST_TEST(of_whom(R"("death":{"status":"alive"})") == "\"offer\"");
  BOOST_TEST(of_whom(R"("suppressions":[{"kind":"legal"}])") == "\"leave_alone\"");
  BOOST_TEST(of_whom(R"("suppressions":[{"kind":"bounced"}])") == "\"offer\"");
}

BOOST_AUTO_TEST_CASE(how_much_is_known) {
  Standard standard;
  BOOST_TEST(standard.of("completeness", nothing, day) == "0");
  BOOST_TEST(standard.of("completeness",
                         R"({"profile":{"name":{"surname":"Jansen"},"birth_date":"1980",
                             "emails":[{"value":"a@example.com"}],"phones":[]}})",
                         day) == "60");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::enrich::test
