#include "service/events.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/descriptor.h"
#include "base/printable.h"

namespace rondom::service {
namespace {

constexpr std::size_t field_bytes_max = 4'096;

constexpr std::array<EventKind, 21> kinds_of_events = {{
    {Event::service_started, "service.started", "info", "project environment jobs configuration",
     "It has taken the project and begins."},
    {Event::service_stopping, "service.stopping", "info", "signal running",
     "It was asked to end. Nothing starts any more; jobs that run come to a safe point."},
    {Event::service_stopped, "service.stopped", "info", "seconds", "It ended in order."},
    {Event::service_failed, "service.failed", "error", "error",
     "It cannot go on, or something it needs to keep cannot be written."},
    {Event::job_started, "job.started", "info", "job pid triggered",
     "An engine began to run the job."},
    {Event::job_finished, "job.finished", "info",
     "job status exit seconds run read refused sent error",
     "The engine ended. Status: done, partial (some records refused), guarded (stopped by the "
     "mass-change guard), failed, cancelled, timed_out, crashed."},
    {Event::job_waiting, "job.waiting", "info", "job error",
     "The job is due, but another engine holds the project; it is tried again."},
    {Event::job_missed, "job.missed", "warning", "job count reason",
     "Starts that did not happen. Reason: running (the job still ran or waited for its turn) or "
     "down (the service was not there)."},
    {Event::job_timed_out, "job.timed_out", "warning", "job seconds",
     "The job ran longer than its timeout and is asked to stop."},
    {Event::job_killed, "job.killed", "warning", "job seconds",
     "The job was asked to stop and did not within shutdown_after, so it is killed. Nothing is "
     "lost: "
     "the next run goes on from the last thing kept."},
    {Event::job_paused, "job.paused", "info", "job", "The job no longer starts by itself."},
    {Event::job_resumed, "job.resumed", "info", "job", "The job starts by itself again."},
    {Event::job_triggered, "job.triggered", "info", "job", "Somebody asked for a run."},
    {Event::job_cancelled, "job.cancelled", "info", "job", "Somebody asked a run to stop."},
    {Event::job_said, "job.said", "warning", "job message",
     "A line that the engine wrote to its standard error."},
    {Event::config_reloaded, "config.reloaded", "info", "configuration jobs changed",
     "The project's files were read anew, were right, and are in force."},
    {Event::config_rejected, "config.rejected", "error", "error problem",
     "The project's files were read anew and are wrong; what was in force stays. One line for each "
     "of "
     "the first problems."},
    {Event::config_needs_restart, "config.needs_restart", "warning", "keys",
     "The new configuration is in force but for these keys, which count from the next start."},
    {Event::notice_sent, "notice.sent", "info", "to kind job stream",
     "Somebody that notify names was told. Kind: failed, stopped, quarantined, stale, recovered."},
    {Event::notice_failed, "notice.failed", "warning", "to kind job stream error",
     "Somebody could not be told. It is not tried again; the same trouble is told again after "
     "notify.repeat."},
    {Event::api_said, "api.said", "warning", "message", "A line of the HTTP interface."},
}};

const EventKind& kind_of(Event event) {
  return kinds_of_events[static_cast<std::size_t>(event)];
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "._-:/+") == std::string_view::npos;
}

/// As the journal and syslog(3) number them.
const char* priority_of(std::string_view level) {
  return level == "error" ? "<3>" : level == "warning" ? "<4>" : "<6>";
}

}  // namespace

std::span<const EventKind> event_kinds() {
  return kinds_of_events;
}

std::string event_line(Event event, EventFields fields) {
  std::string line(kind_of(event).name);
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    line += ' ';
    line += name;
    line += '=';
    if (is_plain(value)) {
      line += value;
    } else {
      append_json_string(line, printable(excerpt(value, field_bytes_max)));
    }
  }
  return line;
}

void EventLog::write(Event event, EventFields fields) {
  const std::string_view level = kind_of(event).level;
  std::string line = for_journal_ ? std::string(priority_of(level))
                                  : format_time(clock_.now()) + " " + std::string(level) + " ";
  line += event_line(event, fields) + "\n";
  LoggedEvent kept{0, clock_.now(), level, kind_of(event).name, {}};
  for (const auto& [name, value] : fields) {
    if (!value.empty()) kept.fields.emplace_back(name, printable(excerpt(value, field_bytes_max)));
  }
  const std::lock_guard lock(mutex_);
  kept.number = ++written_;
  kept_.push_back(std::move(kept));
  if (kept_.size() > events_kept_max) kept_.pop_front();
  (void)write_all(descriptor_, line);
}

LoggedEvents EventLog::events(std::optional<std::int64_t> seen, std::size_t count_max) const {
  const std::lock_guard lock(mutex_);
  LoggedEvents out;
  const std::int64_t first =
      written_ - static_cast<std::int64_t>(kept_.size());  // before the first kept
  out.last = written_;
  std::int64_t after = seen.value_or(written_ - static_cast<std::int64_t>(count_max));
  // One that is still to come was of the service before this one.
  if (after < 0 || after > written_) after = 0;
  if (seen.has_value() && after < first) out.missed = first - after;
  for (const LoggedEvent& event : kept_) {
    if (event.number > after && out.events.size() < count_max) out.events.push_back(event);
  }
  return out;
}

bool is_journal(int descriptor, const char* journal_stream) {
  struct stat about {};
  if (journal_stream == nullptr || ::fstat(descriptor, &about) != 0) return false;
  return std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino) == journal_stream;
}

std::string events_reference() {
  std::string page =
      "# What the service writes to its log\n\n"
      "Made from core/service/events.cpp; do not edit. One line each, to standard error: the time "
      "and "
      "the level (in the journal: its own), then the event and words `key=value`. Names and keys "
      "stay "
      "the same through versions; new ones may come.\n\n"
      "| event | level | keys | meaning |\n| --- | --- | --- | --- |\n";
  for (const EventKind& kind : kinds_of_events) {
    page += "| `" + std::string(kind.name) + "` | " + std::string(kind.level) + " | " +
            std::string(kind.fields) + " | " + std::string(kind.meaning) + " |\n";
  }
  return page;
}

}  // namespace rondom::service
