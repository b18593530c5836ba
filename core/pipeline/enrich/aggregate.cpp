// What is computed of the items that are selected. False: it has to be interpreted, which also
// finds the words for what is wrong.
#include <algorithm>
#include <bit>
#include <utility>

#include "expression/exact.h"
#include "pipeline/enrich/state.h"

namespace rondom::enrich {
namespace {

using expression::Exact;

constexpr int average_digits = 6;
/// More different values than this are left to the interpreter, which has a hash table.
constexpr std::size_t distinct_max = 64;

std::int64_t population(const Bits& bits) {
  std::int64_t count = 0;
  for (const std::uint64_t word : bits) count += std::popcount(word);
  return count;
}

}  // namespace

bool State::compute(const Aggregate& aggregate, Value& out) {
  const Chosen& chosen = selection(aggregate.selection);
  if (chosen.failed) return false;
  switch (aggregate.kind) {
    case Kind::count: out = Value::integer(population(chosen.bits)); return true;
    case Kind::exists: out = Value::boolean(!chosen.is_empty()); return true;
    case Kind::sum:
    case Kind::average: return add_up(aggregate, chosen, out);
    case Kind::least:
    case Kind::greatest: return extreme(aggregate, chosen, out);
    case Kind::latest:
    case Kind::oldest: return extreme_moment(aggregate, chosen, out);
    case Kind::distinct: return count_distinct(aggregate, chosen, out);
    case Kind::most_frequent: return most_frequent(aggregate, chosen, out);
  }
  return false;
}

bool State::add_up(const Aggregate& aggregate, const Chosen& chosen, Value& out) {
  Exact sum;
  std::int64_t count = 0;
  bool integers = true;
  Value first;
  const bool added = each_bit(chosen.bits, [&](std::uint32_t item) {
    Value value;
    if (!facts_.column(aggregate.column, item, value)) return false;
    if (value.is_null()) return true;
    const bool money = value.type() == ValueType::money;
    if (!money && !value.is_number()) return false;
    if (count == 0) first = value;
    if (money != (first.type() == ValueType::money)) return false;
    if (money && value.currency() != first.currency()) return false;
    ++count;
    integers = integers && value.type() == ValueType::integer;
    return add(sum, money ? Exact{value.minor_units(), 0} : expression::exact_of(value));
  });
  if (!added) return false;
  out = Value();
  if (count == 0) return true;
  const bool money = first.type() == ValueType::money;
  if (aggregate.kind == Kind::average) {
    if (!divide(sum, count, money ? 0 : average_digits)) return false;
    integers = false;
  }
  if (!value_of(sum, integers || money, out)) return false;
  if (money) out = Value::money(out.as_integer(), first.currency());
  return true;
}

bool State::extreme(const Aggregate& aggregate, const Chosen& chosen, Value& out) {
  const int wanted = aggregate.kind == Kind::least ? -1 : 1;
  Value best;
  const bool compared = each_bit(chosen.bits, [&](std::uint32_t item) {
    Value value;
    if (!facts_.column(aggregate.column, item, value)) return false;
    if (value.is_null()) return true;
    int order = wanted;
    if (best.is_null() ? value.is_list() || value.is_object() : !compare(value, best, order)) {
      return false;
    }
    if (order == wanted) best = value;
    return true;
  });
  out = best;
  return compared;
}

bool State::extreme_moment(const Aggregate& aggregate, const Chosen& chosen, Value& out) {
  const Scan scan = plan_.selections[aggregate.selection].scan;
  const Items& items = facts_.items(scan);
  if (!items.comparable) return false;
  const bool latest = aggregate.kind == Kind::latest;
  Timestamp best = no_time;
  out = Value();
  return each_bit(chosen.bits, [&](std::uint32_t item) {
    const Timestamp at = items.instants[item];
    if (at == no_time) return true;
    if (best != no_time && (latest ? at <= best : at >= best)) return true;
    best = at;
    out = items.values[item];
    return true;
  });
}

/// Of several the first in the order of the list.
bool State::most_frequent(const Aggregate& aggregate, const Chosen& chosen, Value& out) {
  std::vector<std::pair<Value, std::int64_t>> seen;
  const bool counted = each_bit(chosen.bits, [&](std::uint32_t item) {
    Value value;
    if (!facts_.column(aggregate.column, item, value)) return false;
    if (value.is_null()) return true;
    const auto known = std::find_if(seen.begin(), seen.end(), [&](const auto& other) {
      return same_value(other.first, value);
    });
    if (known != seen.end()) {
      ++known->second;
      return true;
    }
    seen.emplace_back(value, 1);
    return seen.size() <= distinct_max;
  });
  std::int64_t most = 0;
  out = Value();
  for (const auto& [value, times] : seen) {
    if (times <= most) continue;
    most = times;
    out = value;
  }
  return counted;
}

bool State::count_distinct(const Aggregate& aggregate, const Chosen& chosen, Value& out) {
  std::vector<Value> seen;
  const bool counted = each_bit(chosen.bits, [&](std::uint32_t item) {
    Value value;
    if (!facts_.column(aggregate.column, item, value)) return false;
    if (value.is_null()) return true;
    const auto same = [&](const Value& other) { return same_value(other, value); };
    if (std::any_of(seen.begin(), seen.end(), same)) return true;
    seen.push_back(value);
    return seen.size() <= distinct_max;
  });
  out = Value::integer(static_cast<std::int64_t>(seen.size()));
  return counted;
}

}  // namespace rondom::enrich
