// Where reading of one object stands, as it is kept in checkpoints.
#pragma once

#include <cstdint>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

#include "soql.h"

namespace rondom::salesforce {

struct State {
  enum class Stage : std::uint8_t {
    changes,  // whole once, now what changed: behind `place`
    rows,     // in the middle of a whole read by queries: behind `place`
    bulk,     // in the middle of a whole read by a bulk job
    whole,    // read whole; whether that was noted as complete is not known
  };
  Stage stage = Stage::changes;
  Place place;
  std::string begun;         // of a whole read: the time from which changes are to be read after it
  std::string job;           // of the bulk job
  std::string locator;       // its next page; empty = the first
  std::string fields;        // that were named in the options, with commas; empty = all
  std::int64_t read_at = 0;  // seconds since 1970: when changes were last read up to the end

  /// Nothing was read yet.
  bool fresh() const { return place.since.empty() && place.id.empty(); }
  std::string to_text() const;
};

/// Code::state when it is none of ours.
Result<State> parse_state(std::string_view json);

}  // namespace rondom::salesforce
