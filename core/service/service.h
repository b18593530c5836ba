// service: the program that stays: which job starts when, each in an engine process of its own.
//
// This is what the rest of the program may know of it: its state as a value, and what may be asked
// of it. Signals, the HTTP interface and the verbs all go through Control. The supervisor behind it
// holds no store and runs no plugin; an engine is a child process (child.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::service {

/// One job as the service sees it: a copy, of one moment.
/// How far a run has come, as its engine says about once a second.
struct RunProgress {
  std::string phase;                 // read | map | unify | send
  std::int64_t done = 0, total = 0;  // records or profiles of the phase; total 0: unknown
  std::int64_t created = 0, quarantined = 0;
  double seconds = 0;             // of the phase
  std::int64_t memory_bytes = 0;  // of the engine
};

struct JobState {
  std::string job;
  /// As people read it: "every 15m", "cron 0 6 * * * Europe/Amsterdam", "after crm, webshop",
  /// "continuous", "none".
  std::string schedule;
  std::string state;  // idle | running | waiting (due, but something else runs) | paused
  std::optional<Timestamp> next_at, started_at, last_finished_at, last_success_at;
  /// done | partial | guarded | failed | cancelled | timed_out | crashed; empty: not since the
  /// service remembers.
  std::string last_status;
  int last_exit = 0;
  std::string last_error;                           // one line, no personal data
  std::int64_t runs = 0, failures = 0, missed = 0;  // since the service started
  double last_seconds = 0;
  std::optional<RunProgress> progress;  // while it runs, once it said so
};

/// The service: a copy, of one moment.
struct ServiceState {
  std::string project, environment, version;
  Timestamp started_at = 0;
  bool stopping = false;
  std::string configuration;        // fingerprint of the one in force
  std::string configuration_files;  // the folder of its copy; not told
  Timestamp configuration_since = 0;
  bool last_reload_ok = true;
  std::string last_reload_error;  // empty after a good one
  std::int64_t reloads = 0, failed_reloads = 0;
  std::int64_t notices_sent = 0, notices_failed = 0;
  std::vector<JobState> jobs;  // by name
};

/// A stream that has to be fresh, as a look at the store found it.
struct StreamState {
  std::string job, stream;
  std::optional<Timestamp> last_read_at;
  std::int64_t fresh_within_seconds = 0;
  bool stale = false;
};

struct Trigger {
  std::string job;
  std::vector<std::string> accept;  // guard ids, as `run --accept` takes them
};

/// What may be asked of the service. Any thread. All but reload() return at once.
///
/// ErrorCode::usage: there is no such job. ErrorCode::busy: it runs already (trigger), it does not
/// run (cancel). ErrorCode::cancelled: the service is stopping.
class Control {
 public:
  virtual ~Control() = default;
  virtual ServiceState state() const = 0;
  /// The job starts as soon as there is room, paused or not. One that waits already is not asked
  /// twice.
  virtual Status trigger(const Trigger& trigger) = 0;
  /// It no longer starts by itself; one that runs goes on. Outlives a restart of the service.
  virtual Status pause(std::string_view job) = 0;
  virtual Status resume(std::string_view job) = 0;
  /// Reads and checks the project anew; takes it when it is right in every file, else keeps the one
  /// in force and fails with ErrorCode::bad_config and every problem in `detail`. Takes as long as
  /// checking takes; calls at the same time follow one another.
  virtual Status reload() = 0;
  /// The one that runs stops at its next safe point.
  virtual Status cancel(std::string_view job) = 0;
  /// What is remembered of a job (paused, last run, what its schedule has dealt with) is of `to`
  /// from now on.
  virtual Status rename(std::string_view job, std::string_view to) = 0;
  /// What a look at the store found.
  virtual void see(const std::vector<StreamState>& streams) = 0;
};

}  // namespace rondom::service
