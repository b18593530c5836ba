#include "engine/activity_values.h"

#include "expression/exact.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

/// A line with what it costs: unit price times quantity, which is one unless it says so. As it is
/// where that is not known.
Value with_total(const Value& line, Arena& arena) {
  if (!line.is_object()) return line;
  const Value* price = line.find("unit_price");
  const Value* quantity = line.find("quantity");
  Value total;
  const bool says_one = quantity == nullptr || quantity->is_null();
  if (price == nullptr ||
      !expression::multiply(*price, says_one ? Value::integer(1) : *quantity, total)) {
    return line;
  }
  Member* members = arena.array<Member>(line.size() + 1);
  for (std::uint32_t i = 0; i < line.size(); ++i) members[i] = line.member(i);
  members[line.size()] = {"total", total};
  return Value::object(members, line.size() + 1);
}

Value order_value(const Activity& order, Arena& arena) {
  const Value value = segment::profile_value(order.canonical, Entity::order, arena);
  const Value* lines = value.find("lines");
  if (lines == nullptr || !lines->is_list()) return value;
  Value* items = arena.array<Value>(lines->size());
  for (std::uint32_t i = 0; i < lines->size(); ++i) items[i] = with_total(lines->item(i), arena);
  Member* members = arena.array<Member>(value.size());
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    members[i] = value.member(i);
    if (members[i].name == "lines") members[i].value = Value::list(items, lines->size());
  }
  return Value::object(members, value.size());
}

}  // namespace

Value list_value(const Activities& of, std::size_t list, Arena& arena) {
  const Entity entity = activity_lists()[list].entity;
  const std::vector<Activity>& all = of.lists[list];
  Value* items = arena.array<Value>(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    items[i] = entity == Entity::order ? order_value(all[i], arena)
                                       : segment::profile_value(all[i].canonical, entity, arena);
  }
  return Value::list(items, static_cast<std::uint32_t>(all.size()));
}

}  // namespace rondom::engine
