// Work: which profiles a run has to look at. Read from the store once, before anything is planned.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/activate/definition.h"

namespace rondom::activate {

/// A profile that is no more. `into`: the profile it was merged into, 0 when it was retired.
struct Gone {
  store::ProfileId profile = 0;
  store::ProfileId into = 0;
};

struct Work {
  bool full = false;                      // every profile; else `changed`
  bool nothing_held = false;              // no row of this destination is in the store
  std::vector<store::ProfileId> changed;  // sorted, unique
  std::vector<Gone> gone;                 // in order of their events
  std::int64_t mark = 0;                  // profile events this work covers
  Timestamp changes_at = no_time;         // when time alone changes what is not looked at now
};

/// The earlier of two moments, of which either may be none.
inline Timestamp earlier(Timestamp a, Timestamp b) {
  if (a == no_time || b == no_time) return a == no_time ? b : a;
  return a < b ? a : b;
}

/// Everything since the destination's mark, and what waits to be sent again; everybody when the
/// definition changed, the result depends on time or its time has come, or nothing was ever
/// delivered. Bounded: above changed_max profiles everybody is looked at; above gone_max the rest
/// of the events is left to the next run.
Result<Work> collect_work(const Definition& definition, store::Store& store, bool resend_unknown);

}  // namespace rondom::activate
