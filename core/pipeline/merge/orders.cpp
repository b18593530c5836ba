#include "pipeline/merge/orders.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

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

/// The records of one number, each put to the first order that it is one with. They come in order
/// of time, those without one first, so what an order cannot take now it will never take: of its
/// stream another key is there already, or its first time lies too far back. Each question goes on
/// where the last of its kind ended.
class Grouping {
 public:
  Grouping(const Sameness& by, const std::vector<OrderRecord>& records)
      : by_(by), records_(records) {}

  void add(const Seen& next) {
    const OrderRecord& record = records_[next.record];
    std::vector<std::size_t>& same_key = with_key_[{record.stream, record.key}];
    const auto dated = [&](std::size_t group) { return !is_too_old(groups_[group], next); };
    const auto known = std::find_if(same_key.begin(), same_key.end(), dated);
    same_key.erase(same_key.begin(), known);
    const std::size_t open = first_without(record.stream, next);
    const std::size_t at = same_key.empty() ? open : std::min(open, same_key.front());
    if (at == groups_.size()) groups_.emplace_back();
    Group& group = groups_[at];
    if (group.first == no_time) group.first = next.at;
    group.records.push_back(next.record);
    if (group.streams.insert(record.stream).second) same_key.push_back(at);
  }

  void take_into(std::vector<Order>& orders) {
    for (Group& group : groups_) orders.push_back({std::move(group.records)});
  }

 private:
  struct Group {
    Timestamp first = no_time;  // of those that have one
    std::set<std::string_view> streams;
    std::vector<std::uint32_t> records;
  };

  // One without a time may be any of them, and brings no two together that are far apart.
  bool is_too_old(const Group& group, const Seen& next) const {
    const bool dated = group.first != no_time && next.at != no_time;
    return dated && next.at - group.first > by_.apart_max;
  }

  std::size_t first_without(std::string_view stream, const Seen& next) {
    std::size_t& at = first_without_[stream];
    while (at < groups_.size() &&
           (groups_[at].streams.count(stream) != 0 || is_too_old(groups_[at], next))) {
      ++at;
    }
    return at;
  }

  const Sameness& by_;
  const std::vector<OrderRecord>& records_;
  std::vector<Group> groups_;
  std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> with_key_;
  std::map<std::string_view, std::size_t> first_without_;
};

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

  std::vector<Order> orders;
  for (std::size_t at = 0; at < seen.size();) {
    std::size_t end = at + 1;
    while (end < seen.size() && !seen[at].number.empty() && seen[end].number == seen[at].number) {
      ++end;
    }
    Grouping grouping(by, records);
    for (; at < end; ++at) grouping.add(seen[at]);
    grouping.take_into(orders);
  }
  const Ranking ranking(rules.inside(), members);
  for (Order& order : orders) {
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
