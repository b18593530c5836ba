// run_outcome: what an engine process left behind, as the service keeps it. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/base.h"
#include "service/child.h"

namespace rondom::service {

struct RunOutcome {
  /// done | partial | guarded | failed | cancelled | timed_out | crashed
  std::string status;
  int exit_code = 0;                   // 128 + signal when one ended it
  std::string error;                   // one line
  std::string error_code;              // as -o json says it; empty: none
  std::string run;                     // its id
  std::int64_t read = 0, refused = 0;  // records
  std::int64_t sent = 0;               // created, adopted, updated and removed at a destination
  bool good() const { return status == "done" || status == "partial"; }
  /// It did not begin: another engine holds the project.
  bool busy() const { return error_code == "busy"; }
};

/// Why the service asked it to stop, when it did.
enum class StopReason : std::uint8_t { none, asked, timeout, shutdown };

/// `report`: what `rondom run JOB -o json` printed; may be anything, or nothing.
RunOutcome outcome_of(std::string_view report, bool cut, const ChildEnd& end, StopReason stopped);

}  // namespace rondom::service
