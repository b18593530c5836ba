// engines: the engine processes that run now, one a job.
//
// Starts them, listens to them, holds them to their time, and asks or forces them to end. Decides
// nothing about schedules. One thread: the supervisor's.
#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "service/child.h"
#include "service/events.h"
#include "service/run_outcome.h"
#include "service/service.h"

namespace rondom::service {

/// Lines of one engine that go to the log; the rest is left out, and that is said.
inline constexpr int engine_lines_max = 200;

struct EngineOrder {
  std::string job;
  std::vector<std::string> accept;
  std::string root, environment;  // of the project
  std::string files;              // the copy of its configuration
  std::int64_t timeout = 0;       // microseconds; 0 = none
  std::int64_t grace = 0;         // microseconds from being asked to stop to being killed
  bool triggered = false;
};

struct FinishedEngine {
  std::string job;
  RunOutcome outcome;
  StopReason stopped = StopReason::none;
  std::int64_t microseconds = 0;
  /// It did not begin, as another engine holds the project, and is to be tried again: nobody called
  /// it off.
  bool waits() const {
    return outcome.busy() && (stopped == StopReason::none || stopped == StopReason::shutdown);
  }
};

class Engines {
 public:
  Engines(std::string program, std::vector<std::string> environment, const Clock& clock,
          EventLog& log);
  ~Engines();

  Status start(const EngineOrder& order);
  bool runs(std::string_view job) const;
  bool empty() const { return engines_.empty(); }
  std::vector<std::string> jobs() const;
  /// Nothing: no such job runs, or it has said nothing yet.
  std::optional<RunProgress> progress_of(std::string_view job) const;
  std::set<std::string> files_in_use() const;

  /// Adds what to wait for.
  void wait_for(std::vector<pollfd>& descriptors) const;
  /// When turn() has something to do that no descriptor tells, in microseconds of the monotonic
  /// clock.
  std::optional<std::int64_t> next_moment() const;
  /// Takes what they say, asks those to stop whose time is over, kills those that were asked and
  /// did not; gives those that have ended.
  std::vector<FinishedEngine> turn();

  /// False: no such job runs.
  bool ask_to_stop(std::string_view job, StopReason reason);
  void ask_all_to_stop(std::int64_t grace);
  void kill_all();

 private:
  struct One;
  void ask(One& one, StopReason reason);
  void hold_to_time(One& one, std::int64_t now);
  void hear(One& one, std::string_view line);

  std::string program_;
  std::vector<std::string> environment_;
  const Clock& clock_;
  EventLog& log_;
  std::vector<std::unique_ptr<One>> engines_;
};

}  // namespace rondom::service
