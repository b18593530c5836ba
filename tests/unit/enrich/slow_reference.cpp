#include "unit/enrich/slow_reference.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <set>

namespace rondom::enrich::test {
namespace {

struct Day {
  int year = 0, month = 0, day = 0;
};

bool leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}
int days_in(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : days[month - 1];
}

/// Counted day by day from 1970.
Day day_of(std::int64_t number) {
  Day day{1970, 1, 1};
  for (; number >= (leap(day.year) ? 366 : 365); ++day.year) number -= leap(day.year) ? 366 : 365;
  for (; number >= days_in(day.year, day.month); ++day.month)
    number -= days_in(day.year, day.month);
  day.day += static_cast<int>(number);
  return day;
}
std::int64_t number_of(const Day& day) {
  std::int64_t number = day.day - 1;
  for (int year = 1970; year < day.year; ++year) number += leap(year) ? 366 : 365;
  for (int month = 1; month < day.month; ++month) number += days_in(day.year, month);
  return number;
}

/// The last Sunday of a month at 01:00 UTC. 1 January 1970 was a Thursday.
std::int64_t clock_change(int year, int month) {
  std::int64_t number = number_of({year, month, days_in(year, month)});
  while (number % 7 != 3) --number;
  return number * day_seconds + 3'600;
}
std::int64_t local_day(std::int64_t second) {
  const int year = day_of(second / day_seconds).year;
  const bool summer = second >= clock_change(year, 3) && second < clock_change(year, 10);
  return (second + (summer ? 7'200 : 3'600)) / day_seconds;
}
int year_of(std::int64_t second) {
  return day_of(local_day(second)).year;
}

std::string time_text(std::int64_t second) {
  const Day day = day_of(second / day_seconds);
  const std::int64_t rest = second % day_seconds;
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", day.year, day.month, day.day,
                static_cast<int>(rest / 3'600), static_cast<int>(rest / 60 % 60),
                static_cast<int>(rest % 60));
  return text;
}
std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}
std::string money(std::int64_t cents) {
  return quoted(std::to_string(cents) + " EUR");
}
std::string whole(std::int64_t number) {
  return std::to_string(number);
}

/// Halves away from zero; all amounts are positive here.
std::int64_t mean(std::int64_t sum, std::int64_t count) {
  return (2 * sum + count) / (2 * count);
}

bool counts(const PlainOrder& order) {
  return order.status == "paid" || order.status == "shipped";
}
bool holds_bike(const PlainOrder& order) {
  return std::any_of(order.lines.begin(), order.lines.end(),
                     [](const PlainLine& line) { return line.category == "bike"; });
}
std::int64_t bike_cents(const PlainOrder& order) {
  std::int64_t sum = 0;
  for (const PlainLine& line : order.lines) sum += line.category == "bike" ? line.cents : 0;
  return sum;
}

using Orders = std::vector<const PlainOrder*>;

Orders chosen(const std::vector<PlainOrder>& orders,
              const std::function<bool(const PlainOrder&)>& which) {
  Orders found;
  for (const PlainOrder& order : orders) {
    if (which(order)) found.push_back(&order);
  }
  return found;
}
std::int64_t sum_of(const Orders& orders) {
  std::int64_t sum = 0;
  for (const PlainOrder* order : orders) sum += order->cents;
  return sum;
}
const PlainOrder* edge(const Orders& orders, bool latest) {
  const PlainOrder* found = nullptr;
  for (const PlainOrder* order : orders) {
    if (found == nullptr ||
        (latest ? order->second > found->second : order->second < found->second))
      found = order;
  }
  return found;
}
std::string average(const Orders& orders) {
  return orders.empty() ? "null"
                        : money(mean(sum_of(orders), static_cast<std::int64_t>(orders.size())));
}
bool in_window(std::int64_t second, std::int64_t now, int days) {
  return second > now - days * day_seconds && second <= now;
}
std::string count_of(const Orders& orders) {
  return whole(static_cast<std::int64_t>(orders.size()));
}

/// Full years between the first day that the date may be, or the last one, and today.
int years(const Day& born, const Day& today) {
  const bool had = today.month > born.month || (today.month == born.month && today.day >= born.day);
  return today.year - born.year - (had ? 0 : 1);
}

void ages(const PlainHistory& who, std::int64_t now, std::map<std::string, std::string>& out) {
  out["age"] = out["age_at_least"] = out["generation"] = "null";
  const std::string& text = who.birth_date;
  if (text.empty()) return;
  const int year = std::stoi(text);
  const int month = text.size() > 4 ? std::stoi(text.substr(5)) : 0;
  const int day = text.size() > 7 ? std::stoi(text.substr(8)) : 0;
  const Day today = day_of(local_day(now));
  const int last_month = month == 0 ? 12 : month;
  const int oldest = years({year, month == 0 ? 1 : month, day == 0 ? 1 : day}, today);
  const int youngest = years({year, last_month, day == 0 ? days_in(year, last_month) : day}, today);
  if (oldest == youngest) out["age"] = whole(oldest);
  out["age_at_least"] = whole(youngest);
  out["generation"] = quoted(year < 1946   ? "silent"
                             : year < 1965 ? "boomer"
                             : year < 1981 ? "x"
                             : year < 1997 ? "millennial"
                             : year < 2013 ? "z"
                                           : "alpha");
}

std::string stage(const Orders& all, const Orders& in_year, std::int64_t now) {
  if (all.empty()) return "lead";
  if (in_year.empty()) return "lapsed";
  const auto days_ago = [&](const PlainOrder* order) {
    return local_day(now) - local_day(order->second);
  };
  if (days_ago(edge(all, false)) < 90) return "new";
  const PlainOrder* const back = edge(in_year, false);
  Orders before;
  for (const PlainOrder* order : all) {
    if (order->second < back->second) before.push_back(order);
  }
  const PlainOrder* const last = edge(before, true);
  return last != nullptr && days_ago(last) - days_ago(back) > 365 ? "won_back" : "active";
}

/// Six digits behind the point, without zeros at their end.
std::string share(std::int64_t part, std::int64_t whole_part) {
  const std::int64_t millionths = mean(part * 1'000'000, whole_part);
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%06lld", static_cast<long long>(millionths / 1'000'000),
                static_cast<long long>(millionths % 1'000'000));
  std::string out = text;
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

void targets(const Orders& year, const Orders& two_years, std::map<std::string, std::string>& out) {
  out["target_spend"] = out["target_progress"] = "null";
  if (two_years.size() == year.size()) return;
  const std::int64_t target = mean(11 * (sum_of(two_years) - sum_of(year)), 10);
  out["target_spend"] = money(target);
  if (target > 0) out["target_progress"] = share(sum_of(year), target);
}

/// By the quarter that each order is in, 0 the last 91 days.
void rhythm(const Orders& orders, std::int64_t now, std::map<std::string, std::string>& out) {
  std::set<std::int64_t> quarters;
  for (const PlainOrder* order : orders)
    quarters.insert((now - order->second) / (91 * day_seconds));
  out["quarters_with_orders"] = whole(static_cast<std::int64_t>(quarters.size()));
  out["buying_rhythm"] = quoted(orders.size() < 3      ? "too_few"
                                : quarters.size() >= 3 ? "loyal"
                                : quarters.size() == 1 ? "impulsive"
                                                       : "mixed");
}

void purchases(const PlainHistory& who, std::int64_t now, std::map<std::string, std::string>& out) {
  const auto& orders = who.orders;
  const Orders all = chosen(orders, counts);
  const auto within = [&](int days) {
    return chosen(orders, [&](const PlainOrder& order) {
      return counts(order) && in_window(order.second, now, days);
    });
  };
  const Orders year = within(365), two_years = within(730);
  const Orders in_2025 = chosen(orders, [](const PlainOrder& order) {
    return counts(order) && year_of(order.second) == 2025;
  });
  const Orders bikes =
      chosen(orders, [](const PlainOrder& order) { return counts(order) && holds_bike(order); });
  const PlainOrder *const first = edge(all, false), *const last = edge(all, true);
  out["first_order_at"] = first == nullptr ? "null" : quoted(time_text(first->second));
  out["last_order_at"] = last == nullptr ? "null" : quoted(time_text(last->second));
  out["first_order_total"] = first == nullptr ? "null" : money(first->cents);
  out["last_order_total"] = last == nullptr ? "null" : money(last->cents);
  out["rfm_recency"] = last == nullptr ? "null" : whole(local_day(now) - local_day(last->second));
  out["rfm_frequency"] = count_of(year);
  out["rfm_monetary"] = money(sum_of(year));
  out["orders_total"] = count_of(all);
  out["spend_total"] = money(sum_of(all));
  out["average_order"] = average(all);
  out["orders_2025"] = count_of(in_2025);
  out["spend_2025"] = money(sum_of(in_2025));
  out["average_order_2025"] = average(in_2025);
  std::int64_t bike_sum = 0, bike_sum_2025 = 0;
  for (const PlainOrder* order : all) bike_sum += bike_cents(*order);
  for (const PlainOrder* order : in_2025) bike_sum_2025 += bike_cents(*order);
  out["spend_bike"] = money(bike_sum);
  out["spend_bike_2025"] = money(bike_sum_2025);
  out["average_order_bike"] = average(bikes);
  out["orders_trend"] = whole(2 * static_cast<std::int64_t>(year.size()) -
                              static_cast<std::int64_t>(two_years.size()));
  const auto refunded = static_cast<std::int64_t>(
      chosen(orders, [](const PlainOrder& order) { return order.status == "refunded"; }).size());
  const std::int64_t ended = refunded + static_cast<std::int64_t>(all.size());
  out["return_share"] = "null";
  if (ended > 0) out["return_share"] = share(refunded, ended);
  out["spend_trend"] = two_years.empty() ? "null" : money(2 * sum_of(year) - sum_of(two_years));
  std::map<std::string, std::pair<int, std::int64_t>> lines;  // how many, and the newest order
  std::string favourite;
  for (const PlainOrder* order : two_years) {
    for (const PlainLine& line : order->lines) {
      if (line.category.empty()) continue;
      auto& [times, newest] = lines[line.category];
      ++times;
      newest = std::max(newest, order->second);
    }
  }
  // One order has lines of two as-often-bought categories: the first of its lines comes first.
  const PlainOrder* of_favourite = nullptr;
  for (const auto& [category, seen] : lines) {
    const PlainOrder* holder = nullptr;
    for (const PlainOrder* order : two_years)
      if (order->second == seen.second) holder = order;
    bool better = favourite.empty() || seen > lines[favourite];
    if (!favourite.empty() && seen == lines[favourite] && holder == of_favourite) {
      const auto place = [&](const std::string& wanted) {
        std::size_t at = 0;
        while (holder->lines[at].category != wanted) ++at;
        return at;
      };
      better = place(category) < place(favourite);
    }
    if (!better) continue;
    favourite = category;
    of_favourite = holder;
  }
  out["favourite_category"] = favourite.empty() ? "null" : quoted(favourite);
  const std::int64_t spent = sum_of(year);
  out["pyramid_tier"] = quoted(all.empty()       ? "prospect"
                               : year.empty()    ? "inactive"
                               : spent < 10'000  ? "small"
                               : spent < 50'000  ? "medium"
                               : spent < 100'000 ? "big"
                                                 : "top");
  const bool both_years = !year.empty() && two_years.size() > year.size();
  out["buyer_type"] = all.empty()                     ? "null"
                      : all.size() == 1               ? quoted("one_time")
                      : all.size() >= 4 && both_years ? quoted("loyal")
                                                      : quoted("repeat");
  out["lifecycle_stage"] = quoted(stage(all, year, now));
  targets(year, two_years, out);
  rhythm(chosen(orders,
                [&](const PlainOrder& order) {
                  return counts(order) && in_window(order.second, now, 364);
                }),
         now, out);
}

void signals(const PlainHistory& who, std::int64_t now, std::map<std::string, std::string>& out) {
  std::int64_t last_mail = -1, last_of_all = -1, last_answer = -1, bike_bought = -1;
  int mails = 0, points = 0, wishes = 0, score = -1;  // points and wishes in halves
  bool complained = false;
  std::map<std::string, std::pair<int, std::int64_t>> channels;  // how often, and when last
  for (const PlainOrder& order : who.orders) {
    last_of_all = std::max(last_of_all, order.second);
    if (counts(order) && holds_bike(order)) bike_bought = std::max(bike_bought, order.second);
  }
  for (const PlainEvent& event : who.events) {
    last_of_all = std::max(last_of_all, event.second);
    const auto within = [&](int days) { return in_window(event.second, now, days) ? 1 : 0; };
    if (event.channel == "email") {
      mails += within(365);
      last_mail = std::max(last_mail, event.second);
    }
    if (event.subject == "bike") {
      const std::string tied = event.actor.substr(0, event.actor.find(':'));
      const int weight = event.actor.empty() || tied == "email" || tied == "phone" ? 2 : 1;
      points += weight * (within(90) + within(60) + 2 * within(30));
      wishes += event.second > bike_bought ? weight * within(90) : 0;
    }
    if (event.type != "mail_sent" && within(365) == 1) {
      auto& [times, newest] = channels[event.channel];
      ++times;
      newest = std::max(newest, event.second);
    }
    complained = complained || (event.type == "complaint" && within(365) == 1);
    if (event.type == "survey_answer" && event.subject == "nps" && event.second > last_answer) {
      last_answer = event.second;
      score = event.score;
    }
  }
  for (const PlainAnswer& answer : who.answers) {
    if (answer.measure != "nps" || (answer.scale_max != 0 && answer.scale_max != 10)) continue;
    if (answer.second <= last_answer) continue;
    last_answer = answer.second;
    score = answer.score;
  }
  bool wants_bike = wishes >= 4;
  for (const PlainNeed& need : who.needs) {
    if (need.subject != "bike" || (!need.status.empty() && need.status != "open")) continue;
    wants_bike = wants_bike || need.kind == "lasting" ||
                 (in_window(need.second, now, 365) && need.second > bike_bought);
  }
  std::string channel;
  for (const auto& [name, seen] : channels)
    if (channel.empty() || seen > channels[channel]) channel = name;
  if (!who.stated_channel.empty()) channel = who.stated_channel;
  out["preferred_channel"] = channel.empty() ? "null" : quoted(channel);
  out["contacts_email"] = whole(mails);
  out["last_contact_email_at"] = last_mail < 0 ? "null" : quoted(time_text(last_mail));
  out["freshness_days"] = last_of_all < 0 ? "null" : whole(local_day(now) - local_day(last_of_all));
  out["interest_bike"] = share(points, 2);
  out["need_bike"] = wants_bike ? "true" : "false";
  out["nps_last"] = score < 0 ? "null" : whole(score);
  out["advocate"] = score >= 9 && !complained ? "true" : "false";
  out["completeness"] = whole(20 * (int{who.surname} + int{!who.birth_date.empty()} +
                                    int{who.email} + int{who.phone} + int{who.address}));
}

/// The two tables, as decisions one after another.
void tables(const PlainHistory& who, std::int64_t now, std::map<std::string, std::string>& out) {
  std::int64_t first = now + 1, last = -1, open_order = -1, complaint = -1, solved = -1;
  int in_year = 0, deeds_of_month = 0, deeds_of_quarter = 0;
  for (const PlainOrder& order : who.orders) {
    if (order.status == "open") open_order = std::max(open_order, order.second);
    if (!counts(order)) continue;
    first = std::min(first, order.second);
    last = std::max(last, order.second);
    if (in_window(order.second, now, 365)) ++in_year;
  }
  for (const PlainEvent& event : who.events) {
    if (event.type == "complaint") complaint = std::max(complaint, event.second);
    if (event.type == "complaint_solved") solved = std::max(solved, event.second);
    if (event.type == "mail_sent") continue;
    if (in_window(event.second, now, 30)) ++deeds_of_month;
    if (in_window(event.second, now, 90)) ++deeds_of_quarter;
  }
  bool wants = false, may = false;
  for (const PlainNeed& need : who.needs)
    wants = wants || need.status.empty() || need.status == "open";
  for (const PlainOpportunity& one : who.opportunities) wants = wants || one.stage == "open";
  for (const PlainConsent& consent : who.consents) {
    const bool over = consent.expires >= 0 && local_day(consent.expires) <= local_day(now);
    may = may || (consent.status == "granted" && !over);
  }
  const bool bought = last >= 0;
  const auto since = [&](std::int64_t second, int days) {
    return second >= 0 && in_window(second, now, days);
  };
  std::string phase = "unaware";
  if (deeds_of_quarter > 0) phase = "interest";
  if (wants || deeds_of_month >= 3) phase = "consideration";
  if (bought) phase = "use";
  if (in_year >= 3) phase = "loyal";
  if (bought && !since(last, 180)) phase = "at_risk";
  if (bought && !since(last, 365)) phase = "lapsed";
  if (since(open_order, 30) || since(last, 14)) phase = "purchase";
  out["journey_phase"] = quoted(phase);
  std::string action = "inform";
  if (bought && since(first, 30)) action = "welcome";
  if (out["advocate"] == "true") action = "ask_referral";
  if (bought && !since(last, 180)) action = "win_back";
  if (wants) action = "offer";
  if (!may) action = "ask_permission";
  if (since(complaint, 30) && complaint > solved) action = "serve";
  if (!who.death.empty() || who.suppression == "legal") action = "leave_alone";
  out["next_best_action"] = quoted(action);
}

}  // namespace

std::string json_of(PlainHistory who) {
  const auto newest_first = [](auto& list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  };
  newest_first(who.orders);
  newest_first(who.events);
  newest_first(who.needs);
  newest_first(who.answers);
  newest_first(who.opportunities);
  const auto amount = [](std::int64_t cents) {
    char text[32];
    std::snprintf(text, sizeof text, "\"%lld.%02d EUR\"", static_cast<long long>(cents / 100),
                  static_cast<int>(cents % 100));
    return std::string(text);
  };
  std::string profile, orders, events;
  const auto add = [](std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ",") + item;
  };
  if (who.surname) add(profile, R"("name":{"surname":"Jansen"})");
  if (!who.birth_date.empty()) add(profile, R"("birth_date":")" + who.birth_date + "\"");
  if (who.email) add(profile, R"("emails":[{"value":"a@example.com"}])");
  if (who.phone) add(profile, R"("phones":[{"value":"+31000000000"}])");
  if (!who.stated_channel.empty()) {
    add(profile, R"("preferences":[{"channel":"chat","choice":"unwanted"},{"channel":")" +
                     who.stated_channel + R"(","choice":"wanted"}])");
  }
  if (!who.death.empty()) add(profile, R"("death":{"status":")" + who.death + "\"}");
  if (!who.suppression.empty()) {
    add(profile, R"("suppressions":[{"kind":")" + who.suppression + "\"}]");
  }
  std::string consents;
  for (const PlainConsent& one : who.consents) {
    add(consents, R"({"status":")" + one.status + "\"" +
                      (one.expires < 0 ? std::string()
                                       : R"(,"expires_at":")" + time_text(one.expires) + "\"") +
                      "}");
  }
  if (!consents.empty()) add(profile, R"("consents":[)" + consents + "]");
  if (who.address) add(profile, R"("addresses":[{"locality":"Utrecht"}])");
  for (const PlainOrder& order : who.orders) {
    std::string lines;
    for (const PlainLine& line : order.lines) {
      const std::string kind =
          line.category.empty() ? "" : R"("category":")" + line.category + "\",";
      add(lines, "{" + kind + R"("total":)" + amount(line.cents) + "}");
    }
    add(orders, R"({"at":")" + time_text(order.second) + R"(","status":")" + order.status +
                    R"(","total":)" + amount(order.cents) + R"(,"lines":[)" + lines + "]}");
  }
  for (const PlainEvent& event : who.events) {
    std::string text = R"({"at":")" + time_text(event.second) + R"(","type":")" + event.type +
                       R"(","channel":")" + event.channel + R"(","subject":")" + event.subject +
                       "\"";
    if (!event.actor.empty()) text += R"(,"actor":")" + event.actor + "\"";
    if (event.score >= 0) text += R"(,"custom":{"score":")" + std::to_string(event.score) + "\"}";
    add(events, text + "}");
  }
  std::string needs, answers, opportunities;
  const auto told = [](const char* name, const std::string& text) {
    return text.empty() ? text : std::string(",\"") + name + "\":\"" + text + "\"";
  };
  for (const PlainNeed& need : who.needs) {
    add(needs, R"({"at":")" + time_text(need.second) + "\"" + told("subject", need.subject) +
                   told("status", need.status) + told("kind", need.kind) + "}");
  }
  for (const PlainAnswer& answer : who.answers) {
    add(answers,
        R"({"at":")" + time_text(answer.second) + "\"" + told("measure", answer.measure) +
            ",\"score\":" + std::to_string(answer.score) +
            (answer.scale_max == 0 ? std::string()
                                   : ",\"scale_max\":" + std::to_string(answer.scale_max)) +
            "}");
  }
  for (const PlainOpportunity& one : who.opportunities) {
    add(opportunities,
        R"({"at":")" + time_text(one.second) + "\"" + told("stage", one.stage) + "}");
  }
  return R"({"profile":{)" + profile + R"(},"orders":[)" + orders + R"(],"events":[)" + events +
         R"(],"needs":[)" + needs + R"(],"survey_answers":[)" + answers + R"(],"opportunities":[)" +
         opportunities + "]}";
}

std::map<std::string, std::string> slow_reference(const PlainHistory& whole, std::int64_t now) {
  PlainHistory history = whole;
  std::erase_if(history.orders, [&](const PlainOrder& order) { return order.second > now; });
  std::erase_if(history.events, [&](const PlainEvent& event) { return event.second > now; });
  std::erase_if(history.needs, [&](const PlainNeed& need) { return need.second > now; });
  std::erase_if(history.answers, [&](const PlainAnswer& answer) { return answer.second > now; });
  std::erase_if(history.opportunities,
                [&](const PlainOpportunity& one) { return one.second > now; });
  std::map<std::string, std::string> out;
  ages(history, now, out);
  purchases(history, now, out);
  signals(history, now, out);
  tables(history, now, out);
  return out;
}

}  // namespace rondom::enrich::test
