// decide: one profile against what the destination holds of it. Pure: no store, no destination.
#pragma once

#include <optional>
#include <string>

#include "pipeline/activate/definition.h"
#include "pipeline/activate/operation.h"

namespace rondom::activate {

/// Why a profile is held back of which a record became somebody else's.
inline constexpr std::string_view to_review_reason = "to review";

struct Standing {
  const store::Profile* profile = nullptr;
  const store::Delivery* row = nullptr;  // nullptr: never delivered
  std::int64_t partings = 0;             // how often a record left the profile
  bool in_audience = false;
  bool is_computed = true;  // false: whether it is in the audience cannot be said
  bool to_review = false;   // one of its records became somebody else's and nobody has looked
  Permission permission;
};

struct Options {
  bool describe = false;        // fill PlannedOperation::fields and ::why
  bool resend_unknown = false;  // the destination's upsert is idempotent: unknown ones go again
};

/// Adds to `batch` what follows for this profile. `arena` is the caller's to reset.
void decide(const Definition& definition, const Options& options, const Standing& standing,
            Arena& arena, PlannedBatch& batch);

/// Whom a profile was merged into, and whether they may be reached. What they say no to is said of
/// every contact that the destination holds of them.
struct Survivor {
  const store::Profile* profile = nullptr;  // nullptr: there is none
  Permission permission;
};

/// The removal of a profile that was merged away or retired, unless nothing is held there.
void decide_gone(const Definition& definition, const Options& options, const Survivor& survivor,
                 const store::Delivery& row, Arena& arena, PlannedBatch& batch);

}  // namespace rondom::activate
