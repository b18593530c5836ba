// retention: how long history counts, and forgetting it once somebody agreed to that.
//
// What an age leaves out counts nowhere from the moment that the project says so, whether it is
// still stored or not: what is computed is a function of the records, the configuration and the
// moment. Forgetting frees the space.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace rondom::engine {

/// Of every kind that the project sets a limit to.
store::Cutoffs cutoffs_of(const config::Retention& retention, Timestamp as_of);

/// What may be forgotten as of now: what is not personal, and the kinds that `agree` was called for
/// with the same or a shorter age. `waiting` gets the others, as the file names them.
Result<store::Cutoffs> agreed_cutoffs(const config::Project& project, store::Store& store,
                                      Timestamp now, std::vector<std::string>& waiting);
/// Does the clock say something else than time passing, held against the newest runs but this one?
/// Then nothing is too old until somebody looks: a clock that is ten years ahead would make
/// everything so.
inline constexpr std::int64_t clock_ahead_max = 31 * microseconds_per_day;
inline constexpr std::int64_t clock_turned_back_max = microseconds_per_day;
Result<bool> clock_leaps(store::Store& store, const std::string& run, Timestamp now);

/// Whoever agreed to an age that the project made longer, or took out, is asked again when it is
/// made shorter.
Status forget_agreements(const config::Project& project, store::Store& store);
/// Somebody wants what the project says now.
Status agree(const config::Project& project, store::Store& store);

/// What one run looks at, so that it does not become a long one.
inline constexpr std::size_t rows_pruned_per_run = 200'000;

/// Forgets what may be, from where the last call ended, looking at about `rows_max` rows. True: it
/// came round.
Result<bool> prune(store::Store& store, const store::Cutoffs& cutoffs, std::size_t rows_max,
                   const Cancel* cancel, store::Amounts& forgotten);
/// All of it, by what the project says now, however long that takes. ErrorCode::cancelled: what
/// went is gone.
Status prune_all(const config::Project& project, store::Store& store, Timestamp now,
                 const Cancel* cancel, store::Amounts& forgotten);
/// All that would be forgotten, by what the project says now.
Result<store::Amounts> prunable(const config::Project& project, store::Store& store, Timestamp now);

/// Streams in the middle of a full refresh, as "source.stream": until it ends, nothing that was
/// read from them goes.
Result<std::vector<std::string>> held_streams(store::Store& store, const store::Cutoffs& cutoffs);

/// Warns of attributes and audiences that look further back than what is kept.
void check_retention(const config::Project& project, Timestamp now,
                     config::Diagnostics& diagnostics);

}  // namespace rondom::engine
