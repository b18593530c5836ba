// generic: identifiers that too many people carry to join anybody, looked at again. Private to the
// engine.
//
// Becoming generic is a decision on record (DESIGN.md §1, promise 2), taken where records are
// resolved. It is taken back when the data no longer shows it: a desk's telephone number that was
// corrected on all but two records belongs to those two.
#pragma once

#include "engine/unify.h"

namespace rondom::engine {

/// Lifts the decision for identifiers that at most limits::people_per_identifier_again people still
/// carry, and puts their records on the work list. Looks only when there is something on it
/// already.
Status reconsider_generic(const UnifyJob& job, store::Store& store, UnifyReport& report);

}  // namespace rondom::engine
