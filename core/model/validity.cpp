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

Holds holds_at(Timestamp valid_from, Timestamp valid_to, Timestamp as_of) {
  if (valid_to != no_time && valid_to <= as_of) return Holds::no_longer;
  return valid_from != no_time && valid_from > as_of ? Holds::not_yet : Holds::now;
}

Holds holds_at(std::string_view valid_from, std::string_view valid_to, Timestamp as_of) {
  return holds_at(moment_of(valid_from), moment_of(valid_to), as_of);
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
