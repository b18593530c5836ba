#include "pipeline/merge/orders.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "pipeline/merge/members.h"

namespace rondom::merge {

namespace {

struct Seen {
  std::string number;  // as it is compared
  Timestamp at = no_time;
  std::uint32_t record = 0;
};

Timestamp time_of(std::string_view canonical) {
  const Result<Timestamp> at = parse_time(first_value(canonical, attribute::activity_at));
  return at.ok() ? *at : no_time;
}

std::string compared(std::string_view number) {
  std::string out;
  for (const char c : lower_ascii(number)) {
    if (c != ' ') out += c;
  }
  return out;
}

/// No cell is empty, and each is of an attribute that is known.
bool says_all(std::string_view canonical) {
  RecordReader reader(canonical);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.value.empty() || attribute_by_id(cell.attribute) == nullptr) return false;
  }
  return !reader.damaged();
}

/// What is looked at to know two records for one.
struct Sameness {
  AttributeId number;
  std::int64_t apart_max;  // microseconds
};

bool is_one_order(const Sameness& by, const std::vector<OrderRecord>& records,
                  const std::vector<Seen>& order, const Seen& next) {
  return std::all_of(order.begin(), order.end(), [&](const Seen& one) {
    const OrderRecord& a = records[one.record];
    const OrderRecord& b = records[next.record];
    // One without a time may be any of them, and brings no two together that are far apart.
    const bool dated = one.at != no_time && next.at != no_time;
    if (dated && next.at - one.at > by.apart_max) return false;
    return a.stream != b.stream || a.key == b.key;
  });
}

std::vector<Order> sorted_out(const Rules& rules, const Sameness& by,
                              const std::vector<OrderRecord>& records) {
  std::vector<Member> members;
  std::vector<Seen> seen;
  std::vector<Timestamp> times;  // by record
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const std::string_view canonical = records[i].member.canonical;
    members.push_back(records[i].member);
    times.push_back(time_of(canonical));
    seen.push_back({compared(first_value(canonical, by.number)), times[i], i});
  }
  std::sort(seen.begin(), seen.end(), [&](const Seen& a, const Seen& b) {
    return std::tie(a.number, a.at, members[a.record].name) <
           std::tie(b.number, b.at, members[b.record].name);
  });

  std::vector<std::vector<Seen>> groups;
  std::size_t first_of_number = 0;
  for (const Seen& next : seen) {
    if (next.number.empty() || groups.empty() || groups.back().front().number != next.number) {
      first_of_number = groups.size();
      groups.push_back({next});
      continue;
    }
    const auto same = std::find_if(
        groups.begin() + static_cast<std::ptrdiff_t>(first_of_number), groups.end(),
        [&](const std::vector<Seen>& group) { return is_one_order(by, records, group, next); });
    if (same == groups.end())
      groups.push_back({next});
    else
      same->push_back(next);
  }

  const Ranking ranking(rules.inside(), members);
  std::vector<Order> orders;
  for (const std::vector<Seen>& group : groups) {
    Order& order = orders.emplace_back();
    for (const Seen& one : group) order.records.push_back(one.record);
    std::sort(order.records.begin(), order.records.end(), [&](std::uint32_t a, std::uint32_t b) {
      return ranking.is_better(config::MergeRule::trust, a, b);
    });
  }
  const auto newest_first = [&](const Order& a, const Order& b) {
    const std::uint32_t left = a.records.front(), right = b.records.front();
    return times[left] != times[right] ? times[left] > times[right]
                                       : members[left].name < members[right].name;
  };
  std::sort(orders.begin(), orders.end(), newest_first);
  return orders;
}

}  // namespace

std::vector<Order> orders_of(const Rules& rules, const std::vector<OrderRecord>& records) {
  return sorted_out(rules, {attribute::order_number, one_order_apart_max}, records);
}

std::vector<Order> opportunities_of(const Rules& rules, const std::vector<OrderRecord>& records) {
  return sorted_out(rules, {attribute::opportunity_number, one_opportunity_apart_max}, records);
}

std::string_view values_of(const Order& order, const std::vector<OrderRecord>& records,
                           RecordBuilder& builder) {
  builder.clear();
  if (order.records.size() == 1 && says_all(records[order.records.front()].member.canonical)) {
    return records[order.records.front()].member.canonical;
  }
  std::set<std::string> told;
  for (const std::uint32_t at : order.records) {
    std::set<std::string> told_here;
    RecordReader reader(records[at].member.canonical);
    Cell cell;
    while (reader.next(cell)) {
      const AttributeInfo* info = attribute_by_id(cell.attribute);
      if (info == nullptr || cell.value.empty()) continue;
      std::string what(info->group.empty() ? info->name : info->group);
      what.append(".").append(cell.name);
      if (told.count(what) != 0) continue;
      told_here.insert(std::move(what));
      builder.add(cell);
    }
    told.merge(told_here);
  }
  return builder.bytes();
}

}  // namespace rondom::merge
