// state: where the reading of one report stands, as it is kept in checkpoints. Plain values.
#pragma once

#include <map>
#include <optional>
#include <rondom/sdk.hpp>
#include <set>
#include <string>
#include <string_view>

#include "days.h"

namespace rondom::ga4 {

/// Bytes of row ids in a checkpoint, which may have 1 MiB.
inline constexpr std::size_t known_bytes_max = 600u << 10;

struct State {
  std::string fingerprint;     // of the report that was read
  std::optional<Day> next;     // in the middle of a run: the first day that is not read whole
  std::optional<Day> read_to;  // the last day of the last run that ended
  Day asked_on = 0;            // day of the run that wrote this
  std::string generation;      // of the refresh that this run is; empty = none
  /// Rows that were handed over of days that will be read again, so that one that Analytics takes
  /// back is noticed.
  std::map<Day, std::set<std::string>> known;

  bool fresh() const { return !next && !read_to; }
  std::string to_text() const;
  /// Forgets days before `first`, and the oldest ones of too many rows. True = there were too many.
  bool forget(Day first);
};

/// Code::state when it is none of ours.
Result<State> parse_state(std::string_view json);

}  // namespace rondom::ga4
