// history: what the store holds of the past, by kind, and what of it may be forgotten by its age.
//
// Nothing else is ever forgotten by age: what a destination last acknowledged, consents and other
// refusals, decisions about who is who, the version of a record that counts, tombstones, and events
// that some destination has not consumed (docs/decisions/0051).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "model/model.h"

namespace rondom::store {

enum class History : std::uint8_t {
  orders,          // by when they were placed, those of no live source as well
  events,          // by when they happened
  survey_answers,  // by when they were given
  versions,        // older ones of a source key, by when they were read
  raw,             // what the source said, beside the clean record, by when it was read
  quarantine,      // refused rows, by when they were refused last
  dead_letters,    // refused deliveries, by when they were refused
  changes,         // profile events that every destination has consumed, by when they happened
  runs  // reports of runs, by when they began; what remains of one is its id and its times
};
inline constexpr std::size_t history_count = 9;
/// "orders", "dead_letters": as the project's files name them.
std::string_view to_text(History kind);
/// The kind of an activity that may be forgotten by its age; history_count for all others.
std::size_t history_of(Entity entity);

/// What is older than this is forgotten; no_time = nothing is. By History.
struct Cutoffs {
  std::array<Timestamp, history_count> before;
  Cutoffs() { before.fill(no_time); }
  Timestamp operator[](History kind) const { return before[static_cast<std::size_t>(kind)]; }
  /// Is an activity of this entity and moment out of it?
  bool leave_out(Entity entity, Timestamp at) const {
    const std::size_t kind = history_of(entity);
    return kind < history_count && before[kind] != no_time && at != no_time && at < before[kind];
  }
  bool any() const;
};

struct Amount {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // of their values, without what the database adds
};
using Amounts = std::array<Amount, history_count>;

/// How far forgetting came. It goes round: behind the last part comes the first again.
struct PrunePlace {
  std::int64_t part = 0;
  std::int64_t first = 0, second = 0;  // the key it came to
};

/// How much one kind takes, and when those looked at are from.
struct HistorySize {
  Amount amount;              // bytes: what the database takes for it
  std::vector<Timestamp> at;  // of rows taken evenly from all of it, ascending
  double newest = 0;          // of those read last, the share of this kind, 0 to 1; activities only
};
struct Sizes {
  std::array<HistorySize, history_count> history;
  /// Everything else by what it is for: "people", "profiles", "deliveries", …
  std::vector<std::pair<std::string, Amount>> rest;
  std::int64_t bytes = 0;  // all of it, with what is free inside
  std::int64_t free = 0;   // of them, what the next rows take first
};

}  // namespace rondom::store
