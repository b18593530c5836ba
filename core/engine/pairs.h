// pairs: two records that may be one, and what somebody said of two records. What `review` and
// `profile link` and `profile split` work on. One thread.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace rondom::engine {

struct Pair {
  std::string id;  // eight hex digits of the hash of both names: the same in every run
  store::RecordId a = 0, b = 0;
  std::string one, other;  // record names
};
struct PossiblePair : Pair {
  double probability = 0;
  std::string reason;  // why they were not joined; empty = the evidence was not enough
};
struct DecidedPair : Pair {
  bool same = false;
  Timestamp at = no_time;
};

/// Nobody has said anything about these yet. The likeliest first.
Result<std::vector<PossiblePair>> possible_pairs(store::Store& store);
/// The newest first.
Result<std::vector<DecidedPair>> decided_pairs(store::Store& store);

/// Two live records of one entity are the same. ErrorCode::usage where there are none of these
/// names. Where one of them was said not to be the same as another record of the profile of the
/// other, that is forgotten, as it would tear that profile apart; returns the names of such
/// records.
Result<std::vector<std::string>> link_records(store::Store& store, const std::string& one,
                                              const std::string& other, Timestamp now);
/// This record is none of the others in its profile, which may be at most split_records_max.
/// Returns their names; none when it was alone. What was said of it and them before is forgotten.
inline constexpr std::size_t split_records_max = 1'000;
Result<std::vector<std::string>> split_record(store::Store& store, const std::string& record,
                                              Timestamp now);

}  // namespace rondom::engine
