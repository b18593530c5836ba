// Functions over lists: choosing and changing items. Null counts as the empty list.
#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

/// A list as it is; null as no items; anything else as a list of one.
bool items_of(Call& call, Value& single, Value& out) {
  if (!call.value(0, single)) return false;
  if (single.is_list())
    out = single;
  else
    out = Value::list(&single, single.is_null() ? 0 : 1);
  return true;
}

bool first(Call& call, Value& out) {
  Value single;
  Value list;
  if (!items_of(call, single, list)) return false;
  out = list.size() == 0 ? Value() : Value(list.item(0));
  return true;
}

bool last(Call& call, Value& out) {
  Value single;
  Value list;
  if (!items_of(call, single, list)) return false;
  out = list.size() == 0 ? Value() : Value(list.item(list.size() - 1));
  return true;
}

bool count(Call& call, Value& out) {
  Value list;
  if (!call.list(0, list)) return false;
  out = Value::integer(list.size());
  return true;
}

bool exists(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  out = Value::boolean(value.is_list() ? value.size() != 0 : !value.is_null());
  return true;
}

bool where(Call& call, Value& out) {
  Value list;
  if (!call.list(0, list)) return false;
  ListMaker kept(call.evaluation());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Value keep;
    if (!call.value_of_item(1, list.item(i), keep)) return false;
    if (keep.is_null()) continue;
    if (keep.type() != ValueType::boolean) {
      return call.fail("the condition is neither true nor false");
    }
    if (keep.as_boolean() && !kept.add(list.item(i))) return false;
  }
  out = kept.list();
  return true;
}

bool each(Call& call, Value& out) {
  Value list;
  if (!call.list(0, list)) return false;
  ListMaker made(call.evaluation());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Value value;
    if (!call.value_of_item(1, list.item(i), value)) return false;
    if (value.is_null()) continue;
    if (!value.is_list()) {
      if (!made.add(value)) return false;
      continue;
    }
    for (std::uint32_t k = 0; k < value.size(); ++k) {
      if (!made.add(value.item(k))) return false;
    }
  }
  out = made.list();
  return true;
}

}  // namespace

bool moment_of_item(const Value& item, Value& out) {
  const Value* at = item.is_object() ? item.find("at") : &item;
  if (at == nullptr) return false;
  if (at->is_text()) return moment_of_text(at->as_text(), out);
  out = *at;
  return out.type() == ValueType::time || out.type() == ValueType::date;
}

bool instant_of(const Value& moment, Timestamp& out) {
  if (moment.type() == ValueType::time) {
    out = moment.as_time();
    return true;
  }
  if (moment.type() != ValueType::date || !moment.as_date().complete()) return false;
  const PartialDate date = moment.as_date();
  out = days_from_civil({date.year, date.month, date.day}) * microseconds_per_day;
  return true;
}

namespace {

/// An item comes in when its time has come, and goes out a duration later.
void note_edges(Call& call, const Value& at, std::int64_t span) {
  Timestamp moment = 0, out = 0;
  if (!instant_of(at, moment)) return;
  call.evaluation().changes_at(moment);
  if (!__builtin_add_overflow(moment, span, &out)) call.evaluation().changes_at(out);
}

bool within(Call& call, Value& out) {
  Value list;
  Value span;
  if (!call.list(0, list) || !call.value(1, span)) return false;
  if (span.type() != ValueType::duration) return call.fail("a duration is needed");
  if (call.scope().as_of == no_time) return call.fail("there is no time to look back from");
  const Value end = Value::time(call.scope().as_of);
  std::int64_t start = 0;
  if (__builtin_sub_overflow(call.scope().as_of, span.as_duration(), &start)) start = no_time + 1;
  ListMaker kept(call.evaluation());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (!call.evaluation().step()) return false;
    Value at;
    int after_start = 0;
    int after_end = 0;
    if (!moment_of_item(list.item(i), at) || !compare(at, Value::time(start), after_start) ||
        !compare(at, end, after_end)) {
      continue;
    }
    note_edges(call, at, span.as_duration());
    if (after_start > 0 && after_end <= 0 && !kept.add(list.item(i))) return false;
  }
  out = kept.list();
  return true;
}

bool extreme_moment(Call& call, Value& out, int wanted) {
  Value list;
  if (!call.list(0, list)) return false;
  out = Value();
  Value best;
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (!call.evaluation().step()) return false;
    Value at;
    int order = wanted;
    if (!moment_of_item(list.item(i), at)) continue;
    if (!best.is_null() && !compare(at, best, order)) continue;
    if (order != wanted) continue;
    best = at;
    out = list.item(i);
  }
  return true;
}

bool latest(Call& call, Value& out) {
  return extreme_moment(call, out, 1);
}

bool oldest(Call& call, Value& out) {
  return extreme_moment(call, out, -1);
}

bool contains(Call& call, Value& out) {
  Value all;
  Value part;
  if (!call.value(0, all) || !call.value(1, part)) return false;
  out = Value::boolean(false);
  if (all.is_null() || part.is_null()) return true;
  if (all.is_text() && part.is_text()) {
    out = Value::boolean(all.as_text().find(part.as_text()) != std::string_view::npos);
    return true;
  }
  if (!all.is_list()) return call.fail("a list, or two texts, are needed");
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (!call.evaluation().step()) return false;
    if (!same_value(all.item(i), part)) continue;
    out = Value::boolean(true);
    return true;
  }
  return true;
}

/// Remembers the values met so far, by hash; equal values have equal hashes.
class Seen {
 public:
  Seen(Call& call, std::uint32_t values) : call_(call) {
    const std::size_t size = std::bit_ceil(std::size_t(values) * 2 + 1);
    mask_ = size - 1;
    slots_ = call.evaluation().make_items(size);
    if (slots_ != nullptr) std::fill_n(slots_, size, Value());
  }
  bool ready() const { return slots_ != nullptr; }

  /// False when the evaluation has failed. Null is not to be asked for. Equal values have one
  /// place.
  bool insert(const Value& value, bool& fresh, std::size_t& place) {
    for (std::size_t at = hash_of(value) & mask_;; at = (at + 1) & mask_) {
      if (!call_.evaluation().step()) return false;
      fresh = slots_[at].is_null();
      if (fresh) slots_[at] = value;
      place = at;
      if (fresh || same_value(slots_[at], value)) return true;
    }
  }
  bool insert(const Value& value, bool& fresh) {
    std::size_t place = 0;
    return insert(value, fresh, place);
  }

 private:
  std::uint64_t hash_of(const Value& value) {
    if (value.is_text()) return hash64(value.as_text());
    // Members may stand in any order, so objects within share one hash.
    if (value.is_object()) return value.size();
    if (value.is_list()) return 1'000 + value.size();
    text_.clear();
    value.append_json(text_);
    return hash64(text_);
  }

  Call& call_;
  Value* slots_ = nullptr;
  std::size_t mask_ = 0;
  std::string text_;
};

bool distinct(Call& call, Value& out) {
  Value list;
  if (!call.list(0, list)) return false;
  Seen seen(call, list.size());
  ListMaker made(call.evaluation());
  if (!seen.ready()) return false;
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Value value = list.item(i);
    bool fresh = false;
    if (call.has(1) && !call.value_of_item(1, list.item(i), value)) return false;
    if (value.is_null()) continue;
    if (!seen.insert(value, fresh) || (fresh && !made.add(value))) return false;
  }
  out = made.list();
  return true;
}

bool most_frequent(Call& call, Value& out) {
  Value list;
  if (!call.list(0, list)) return false;
  Seen seen(call, list.size());
  if (!seen.ready()) return false;
  struct Met {
    Value value;
    std::uint32_t times = 0;
  };
  std::vector<Met> met;  // in order of first appearance
  std::unordered_map<std::size_t, std::size_t> by_place;
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Value value = list.item(i);
    bool fresh = false;
    std::size_t place = 0;
    if (call.has(1) && !call.value_of_item(1, list.item(i), value)) return false;
    if (value.is_null()) continue;
    if (!seen.insert(value, fresh, place)) return false;
    if (fresh) {
      by_place[place] = met.size();
      met.push_back({value, 0});
    }
    ++met[by_place[place]].times;
  }
  out = Value();
  std::uint32_t most = 0;
  for (const Met& one : met) {
    if (one.times <= most) continue;
    most = one.times;
    out = one.value;
  }
  return true;
}

bool keys_where(Call& call, Value& out) {
  Value object;
  Value wanted = Value::boolean(true);
  if (!call.value(0, object)) return false;
  if (call.has(1) && !call.value(1, wanted)) return false;
  if (object.is_null()) object = Value::object(nullptr, 0);
  if (!object.is_object()) return call.fail("an object is needed");
  ListMaker names(call.evaluation());
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    const Member& member = object.member(i);
    if (same_value(member.value, wanted) && !names.add(Value::text(member.name))) return false;
  }
  out = names.list();
  return true;
}

constexpr std::array<Function, 14> list_table{{
    {{"first", "first(list)", "The first item; one value stands for a list of one.",
      ".emails | first", R"({"emails":["a@example.com","b@example.com"]})", R"("a@example.com")"},
     1,
     1,
     "v",
     StaticType::any,
     first,
     nullptr},
    {{"last", "last(list)", "The last item; one value stands for a list of one.", ".emails | last",
      R"({"emails":["a@example.com","b@example.com"]})", R"("b@example.com")"},
     1,
     1,
     "v",
     StaticType::any,
     last,
     nullptr},
    {{"count", "count(list)", "How many items there are; 0 for null.", ".orders | count",
      R"({"orders":[{},{}]})", "2"},
     1,
     1,
     "s",
     StaticType::number,
     count,
     nullptr},
    {{"exists", "exists(value)", "Is there an item, or a value that is not null?",
      R"(.orders | where(.status == "paid") | exists)", R"({"orders":[{"status":"open"}]})",
      "false"},
     1,
     1,
     "v",
     StaticType::boolean,
     exists,
     nullptr},
    {{"unique", "unique(list)", "The items without repetition, in order; null ones are left out.",
      ".tags | unique", R"({"tags":["vip","new","vip",null]})", R"(["vip","new"])"},
     1,
     1,
     "s",
     StaticType::list,
     distinct,
     nullptr},
    {{"distinct", "distinct(list[, value])",
      "The different values of the items, in order of first appearance.",
      ".lines | distinct(.sku) | count", R"({"lines":[{"sku":"A"},{"sku":"B"},{"sku":"A"}]})", "2"},
     1,
     2,
     "si",
     StaticType::list,
     distinct,
     nullptr},
    {{"most_frequent", "most_frequent(list[, value])",
      "The value that most items have; of several the one that comes first, which in lists of "
      "activities is the newest.",
      ".events | most_frequent(.channel)",
      R"({"events":[{"channel":"web"},{"channel":"email"},{"channel":"email"}]})", R"("email")"},
     1,
     2,
     "si",
     StaticType::any,
     most_frequent,
     nullptr},
    {{"keys_where", "keys_where(object[, value])",
      "The names of the members that have this value; true when none is given.",
      ".interests | keys_where", R"({"interests":{"sport":true,"music":false,"art":true}})",
      R"(["sport","art"])"},
     1,
     2,
     "v",
     StaticType::list,
     keys_where,
     nullptr},
    {{"where", "where(list, condition)",
      "The items for which the condition holds; inside it `.` is the item and `$` the record.",
      R"(.orders | where(.status == "paid" and .total > 10))",
      R"({"orders":[{"status":"paid","total":20},{"status":"open","total":30}]})",
      R"([{"status":"paid","total":20}])"},
     2,
     2,
     "sc",
     StaticType::list,
     where,
     nullptr},
    {{"within", "within(list, duration)",
      "The items whose `at` lies in the time before now: later than now minus the duration, and "
      "not "
      "later than now.",
      ".orders | within(30d) | count",
      R"({"orders":[{"at":"2026-03-01T00:00:00Z"},{"at":"2025-03-01T00:00:00Z"}]})", "1"},
     2,
     2,
     "sd",
     StaticType::list,
     within,
     nullptr,
     true},
    {{"each", "each(list, value)",
      "The value of each item; lists among them are joined into one, null ones are left out.",
      ".orders | each(.lines) | each(.sku)",
      R"({"orders":[{"lines":[{"sku":"A"},{"sku":"B"}]},{"lines":[{"sku":"C"}]}]})",
      R"(["A","B","C"])"},
     2,
     2,
     "si",
     StaticType::list,
     each,
     nullptr},
    {{"latest", "latest(list)", "The item with the latest `at`; of several the first one.",
      "(.orders | latest).id",
      R"({"orders":[{"id":1,"at":"2025-03-01"},{"id":2,"at":"2026-03-01"}]})", "2"},
     1,
     1,
     "s",
     StaticType::any,
     latest,
     nullptr},
    {{"oldest", "oldest(list)", "The item with the oldest `at`; of several the first one.",
      "(.orders | oldest).id",
      R"({"orders":[{"id":1,"at":"2025-03-01"},{"id":2,"at":"2026-03-01"}]})", "1"},
     1,
     1,
     "s",
     StaticType::any,
     oldest,
     nullptr},
    {{"contains", "contains(list, value)",
      "Is the value among the items? With two texts: does the first hold the second?",
      R"(.tags | contains("vip"))", R"({"tags":["vip","new"]})", "true"},
     2,
     2,
     "v",
     StaticType::boolean,
     contains,
     nullptr},
}};

}  // namespace

std::span<const Function> list_functions() {
  return list_table;
}

}  // namespace rondom::expression
