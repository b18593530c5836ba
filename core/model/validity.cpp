#include "model/validity.h"

#include "model/attribute.h"
#include "model/record.h"

namespace rondom {

namespace {

Timestamp moment_of(std::string_view text) {
  const auto at = parse_time(text);
  return at.ok() ? *at : no_time;
}

}  // namespace

Holds holds_at(std::string_view valid_from, std::string_view valid_to, Timestamp as_of) {
  const Timestamp from = moment_of(valid_from), to = moment_of(valid_to);
  if (to != no_time && to <= as_of) return Holds::no_longer;
  return from > as_of ? Holds::not_yet : Holds::now;
}

Timestamp relations_change_at(std::string_view values, Timestamp as_of) {
  Timestamp next = no_time;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::relation_valid_to) {
    if (cell.attribute < attribute::relation_valid_from) continue;
    const Timestamp at = moment_of(cell.value);
    if (at > as_of && (next == no_time || at < next)) next = at;
  }
  return next;
}

}  // namespace rondom
