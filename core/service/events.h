// events: what the service writes to its log, one line each, every kind of line in one table.
//
// A line is a name that stays the same through versions and words key=value, so that a person reads
// it and a program searches it. No personal data and no secrets: jobs, counts, places, sentences of
// ours.
#pragma once

#include <deque>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"

namespace rondom::service {

enum class Event : std::uint8_t {
  service_started,
  service_stopping,
  service_stopped,
  service_failed,
  job_started,
  job_finished,
  job_waiting,
  job_missed,
  job_timed_out,
  job_killed,
  job_paused,
  job_resumed,
  job_triggered,
  job_cancelled,
  job_said,
  config_reloaded,
  config_rejected,
  config_needs_restart,
  notice_sent,
  notice_failed,
  api_said,
};

struct EventKind {
  Event event;
  std::string_view name;   // "job.started"
  std::string_view level;  // info | warning | error
  std::string_view fields;
  std::string_view meaning;
};

/// In the order of Event.
std::span<const EventKind> event_kinds();
/// docs/reference/events.md, made from them.
std::string events_reference();

using EventFields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// One line: `event` and the words; what holds other than plain characters is quoted.
std::string event_line(Event event, EventFields fields);

/// The last ones, for whoever follows them.
inline constexpr std::size_t events_kept_max = 1'000;

struct LoggedEvent {
  std::int64_t number = 0;  // from 1 on, since the service started
  Timestamp at = no_time;
  std::string_view level, name;
  std::vector<std::pair<std::string, std::string>> fields;
};
struct LoggedEvents {
  std::vector<LoggedEvent> events;
  std::int64_t missed = 0;  // that came after the one that was seen, and are kept no longer
  std::int64_t last = 0;    // the number of the newest that there is
};

/// Writes them to a descriptor, and keeps the last ones. Any thread.
class EventLog {
 public:
  /// `for_journal`: lines begin with their priority as the journal reads it, else with the time.
  EventLog(int descriptor, const Clock& clock, bool for_journal)
      : descriptor_(descriptor), clock_(clock), for_journal_(for_journal) {}
  void write(Event event, EventFields fields = {});
  /// The first `count_max` of those after number `seen`; without it the last ones.
  LoggedEvents events(std::optional<std::int64_t> seen, std::size_t count_max) const;

 private:
  int descriptor_;
  const Clock& clock_;
  bool for_journal_;
  mutable std::mutex mutex_;  // of what follows, and of the descriptor
  std::deque<LoggedEvent> kept_;
  std::int64_t written_ = 0;
};

/// Is standard error the journal's, as the manager says in JOURNAL_STREAM? Source: systemd.exec(5).
bool is_journal(int descriptor, const char* journal_stream);

}  // namespace rondom::service
