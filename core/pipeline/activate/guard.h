// The mass-change guard (DESIGN §1, promise 8): counts first, then stops before the first write.
#pragma once

#include <cstdint>
#include <optional>

#include "pipeline/activate/definition.h"
#include "pipeline/activate/operation.h"

namespace rondom::activate {

/// Destinations that hold no more than this are small: percentages of them say nothing.
inline constexpr std::int64_t guard_floor = 100;

struct Totals {
  std::int64_t acknowledged = 0;  // profiles held at the destination
  std::int64_t created = 0, updated = 0;
  std::int64_t removed = 0;  // without withdrawals
  std::int64_t withdrawn = 0;

  void add(const PlannedBatch& batch);
};

/// Could so many profiles and departures trip the guard at all?
bool may_trip(const Definition& definition, std::int64_t acknowledged, std::int64_t looked_at);

/// The verdict, unless everything is within its limits or there is nothing to compare with.
/// `running`: the withdrawals, which it does not stop, are sent now.
std::optional<Guard> guard_for(const Definition& definition, const Totals& totals, bool running);

}  // namespace rondom::activate
