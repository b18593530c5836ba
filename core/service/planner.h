// planner: which job starts when. Decides, and does nothing: no clock, no process, no file.
//
// Schedules that are rows of instants (`every`, `cron`) are dealt with instant by instant: each is
// one start, or is counted as missed. `every` is a row from the instant a start was due, not from
// when it got its turn or ended, so that a late or long run moves nothing. Instants that pass while
// the job runs or waits are missed: a job never runs beside itself. Instants that passed while
// nobody looked (the service was down, the machine slept) become one start or none, as `catch_up`
// says; the rest is missed. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "expression/zone.h"

namespace rondom::service {

/// A start that comes later than this was not seen in time: `catch_up` decides.
inline constexpr std::int64_t late_max = 60 * microseconds_per_second;
/// A continuous job rests this long, so that others get their turn.
inline constexpr std::int64_t continuous_rest = microseconds_per_second;
/// After failures it rests twice as long each time, up to this.
inline constexpr std::int64_t continuous_rest_max = 300 * microseconds_per_second;
/// While another engine holds the project: asked again after this, then twice as long, up to the
/// other.
inline constexpr std::int64_t busy_rest = microseconds_per_second;
inline constexpr std::int64_t busy_rest_max = 30 * microseconds_per_second;
/// A clock that is set back by more than this was wrong before: what was done "later" is forgotten.
inline constexpr std::int64_t set_back_max = 3 * 3'600 * microseconds_per_second;
/// Missed instants of a cron row are counted up to this many at once.
inline constexpr std::int64_t missed_counted_max = 10'000;
/// Guard ids that are kept with a start that waits, and bytes of one: a guard that is left out
/// stops the run.
inline constexpr std::size_t accept_max = 100;
inline constexpr std::size_t accept_bytes_max = 200;
/// Jobs that the configuration no longer has and that are still remembered.
inline constexpr std::size_t gone_jobs_max = 1'000;

struct PlannedJob {
  std::string name;
  config::Schedule schedule;
  std::int64_t timeout = 0;  // microseconds; 0 = none. For whoever runs it
};

struct PlannerOptions {
  std::size_t concurrency = 1;
  std::int64_t jitter = 0;  // microseconds
  config::Serve::CatchUp catch_up = config::Serve::CatchUp::one;
  std::uint64_t seed = 0;  // of jitter: of this installation
};

/// What of a job outlives the service.
struct JobMemory {
  std::string schedule;            // the text it was planned by
  Timestamp dealt_with = no_time;  // instants up to here
  Timestamp since = no_time;       // known since
  Timestamp last_start = no_time;
  Timestamp last_good_end = no_time;  // done or partial
  bool paused = false;
  bool owed = false;  // it was due and has not come to an end of its own: at the next start at once
  bool triggered = false;             // of what is owed: somebody asked for it
  std::vector<std::string> accept{};  // and these guard ids with it
  bool operator==(const JobMemory&) const = default;
};

enum class Outcome : std::uint8_t {
  good,    // done or partial
  failed,  // any other end
  busy,    // it did not begin: another engine holds the project. It waits and is started again
  cut,     // the service stopped it to stop itself: it is owed
};

struct Start {
  std::string job;
  std::vector<std::string> accept;  // guard ids
  bool triggered = false;
};

struct Missed {
  std::string job;
  std::int64_t count = 0;
  bool running = false;  // because the job still ran or waited, else because nobody looked
};

struct Tick {
  std::vector<Start> starts;  // they count as running from now on
  std::vector<Missed> missed;
  std::optional<Timestamp> look_again;  // none: only an end or a wish can change anything
};

/// A job as it stands.
struct JobPlan {
  enum class State : std::uint8_t { idle, running, waiting, paused };
  State state = State::idle;
  std::optional<Timestamp> next_at;
};

class Planner {
 public:
  /// Before configure().
  void remember(const std::string& job, const JobMemory& memory);
  /// `to` goes on from what `job` has come to. Before configure() as well.
  void rename(const std::string& job, const std::string& to);
  /// These jobs and no others, from now on. A job whose schedule is another one than before is not
  /// late for the new one.
  void configure(const std::vector<PlannedJob>& jobs, const PlannerOptions& options, Timestamp now);

  Tick tick(Timestamp now);
  /// A start came to its end.
  void ended(std::string_view job, Outcome outcome, Timestamp now);

  /// ErrorCode::usage: no such job; busy: it runs.
  Status trigger(std::string_view job, std::vector<std::string> accept, Timestamp now);
  Status pause(std::string_view job);
  /// A start that still waits for room or for the project is called off. False: none waits.
  bool withdraw(std::string_view job, Timestamp now);
  Status resume(std::string_view job, Timestamp now);

  JobPlan plan_of(std::string_view job) const;
  /// Of every job, and of those that are gone.
  std::map<std::string, JobMemory> memories() const;
  std::size_t running() const;

 private:
  struct Job {
    PlannedJob planned;
    JobMemory memory;
    std::shared_ptr<const expression::Zone> zone;
    bool known = false;  // the configuration has it
    bool running = false;
    bool triggered = false;
    std::vector<std::string> accept;
    std::optional<Timestamp> next;  // of a row: the first instant not dealt with
    std::optional<Timestamp> due;   // it waits since
    Timestamp not_before = no_time;
    Timestamp start_before = no_time;  // last_start, as it was before this run
    int failures = 0, busy = 0;        // one after the other
  };

  Job* find(std::string_view job);
  const Job* find(std::string_view job) const;
  static bool is_row(const Job& job);
  static std::optional<Timestamp> following(const Job& job, Timestamp instant);
  Timestamp with_jitter(const Job& job, Timestamp instant) const;
  void set_back(Job& job, Timestamp now);
  void pass_instants(Job& job, Timestamp now, Tick& tick);
  void see_if_due(Job& job, Timestamp now, Tick& tick);
  bool predecessors_ended(const Job& job, Timestamp& last) const;
  void start_waiting(Timestamp now, Tick& tick);
  std::optional<Timestamp> look_again(Timestamp now) const;

  std::map<std::string, Job, std::less<>> jobs_;
  PlannerOptions options_;
};

}  // namespace rondom::service
