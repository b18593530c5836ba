// happened: which activities of a profile count at a moment. Private to enrich; one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace rondom::enrich {

/// The part of a list of activities that has happened by `as_of`. What has no exact moment counts
/// always, as it is only ever left out by a window.
struct Happened {
  Value items;
  std::vector<std::uint32_t> places;  // of these items in the whole list; empty = the list is whole
  Timestamp next = no_time;           // when the next one happens; no_time = none is to come

  std::uint32_t place(std::uint32_t item) const { return places.empty() ? item : places[item]; }
};

Happened happened_by(const Value& list, Timestamp as_of, Arena& arena);

}  // namespace rondom::enrich
