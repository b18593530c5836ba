#include "pipeline/enrich/happened.h"

#include "expression/evaluation.h"
#include "pipeline/enrich/enrich.h"

namespace rondom::enrich {
namespace {

bool is_to_come(const Value& item, Timestamp as_of, Timestamp& at) {
  Value moment;
  return expression::moment_of_item(item, moment) && expression::instant_of(moment, at) &&
         at > as_of;
}

}  // namespace

Happened happened_by(const Value& list, Timestamp as_of, Arena& arena) {
  Happened happened;
  happened.items = list;
  if (!list.is_list()) return happened;
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Timestamp at = no_time;
    if (!is_to_come(list.item(i), as_of, at)) continue;
    if (happened.next == no_time || at < happened.next) happened.next = at;
  }
  if (happened.next == no_time) return happened;
  Value* items = arena.array<Value>(list.size());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    Timestamp at = no_time;
    if (is_to_come(list.item(i), as_of, at)) continue;
    items[happened.places.size()] = list.item(i);
    happened.places.push_back(i);
  }
  happened.items = Value::list(items, static_cast<std::uint32_t>(happened.places.size()));
  return happened;
}

Value happened(const Value& list, Timestamp as_of, Arena& arena) {
  return happened_by(list, as_of, arena).items;
}

}  // namespace rondom::enrich
