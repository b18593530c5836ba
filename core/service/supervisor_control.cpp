// What people and programs ask of the supervisor, from any thread.
#include <algorithm>
#include <set>
#include <utility>

#include "service/loop.h"

namespace rondom::service {
namespace {

constexpr int problems_logged_max = 10;

const char* word_of(JobPlan::State state) {
  switch (state) {
    case JobPlan::State::idle: return "idle";
    case JobPlan::State::running: return "running";
    case JobPlan::State::waiting: return "waiting";
    case JobPlan::State::paused: return "paused";
  }
  return "idle";
}

std::optional<Timestamp> known_time(Timestamp at) {
  return at == no_time ? std::nullopt : std::optional<Timestamp>(at);
}

/// What counts only from the next start, where it is not as before.
std::string keys_that_wait(const config::Serve& before, const config::Serve& now) {
  std::vector<std::string> keys;
  if (before.socket != now.socket) keys.emplace_back("serve.socket");
  if (before.listen != now.listen) keys.emplace_back("serve.listen");
  if (before.tls_certificate != now.tls_certificate || before.tls_key != now.tls_key) {
    keys.emplace_back("serve.tls");
  }
  return join(keys, ",");
}

/// "file:line:column: error: message" of a rendered list of problems; the lines of the files
/// themselves may hold what no log should.
std::vector<std::string> problem_lines(std::string_view rendered) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(rendered, '\n')) {
    const bool is_problem =
        line.find(": error: ") != std::string_view::npos && !line.starts_with(' ');
    if (is_problem && lines.size() < problems_logged_max) lines.emplace_back(line);
  }
  return lines;
}

}  // namespace

/// Whoever asks does not wait for a file to be on the disk or for an engine to begin: only mutex_
/// is held meanwhile.
ServiceState Loop::state() const {
  const std::lock_guard guard(told_mutex_);
  ServiceState state = told_ == nullptr ? ServiceState() : *told_;
  state.stopping = stopping_;
  state.notices_sent = courier_.sent();
  state.notices_failed = courier_.failed();
  return state;
}

void Loop::tell() {
  memory_.jobs = planner_.memories();
  auto now = std::make_shared<const ServiceState>(described());
  const std::lock_guard guard(told_mutex_);
  told_ = std::move(now);
}

ServiceState Loop::described() const {
  ServiceState state;
  state.project = taken_.configuration.project;
  state.environment = taken_.configuration.environment;
  state.version = options_.version;
  state.started_at = started_at_;
  state.configuration = taken_.fingerprint;
  state.configuration_files = taken_.files;
  state.configuration_since = taken_at_;
  state.last_reload_ok = reload_error_.empty();
  state.last_reload_error = reload_error_;
  state.reloads = reloads_;
  state.failed_reloads = failed_reloads_;
  for (const PlannedJob& planned : taken_.configuration.jobs) {
    JobState& job = state.jobs.emplace_back();
    job.job = planned.name;
    job.schedule = planned.schedule.text;
    const JobPlan plan = planner_.plan_of(planned.name);
    job.state = word_of(plan.state);
    job.next_at = plan.next_at;
    job.progress = engines_.progress_of(planned.name);
    if (const auto kept = memory_.jobs.find(planned.name); kept != memory_.jobs.end()) {
      job.started_at = known_time(kept->second.last_start);
    }
    if (const auto last = memory_.last_runs.find(planned.name); last != memory_.last_runs.end()) {
      job.last_finished_at = known_time(last->second.finished_at);
      job.last_success_at = known_time(last->second.success_at);
      job.last_status = last->second.status;
      job.last_exit = last->second.exit_code;
      job.last_error = last->second.error;
      job.last_seconds = last->second.seconds;
    }
    if (const auto tally = tallies_.find(planned.name); tally != tallies_.end()) {
      job.runs = tally->second.runs;
      job.failures = tally->second.failures;
      job.missed = tally->second.missed;
    }
  }
  std::sort(state.jobs.begin(), state.jobs.end(),
            [](const JobState& a, const JobState& b) { return a.job < b.job; });
  return state;
}

/// After a wish that was met: it is said, acted on, and kept. What cannot be kept is in force all
/// the same.
Status Loop::changed(Status outcome, Event event, std::string_view job) {
  if (!outcome.ok()) return outcome;
  tell();
  log_.write(event, {{"job", std::string(job)}});
  wake();
  const Status kept = remember();
  if (kept.ok()) return {};
  log_.write(Event::service_failed, {{"error", kept.error().message}});
  // Whoever pauses a job relies on its staying so; of a run that begins now nothing has to be known
  // later.
  if (event != Event::job_paused && event != Event::job_resumed) return {};
  return {ErrorCode::unavailable,
          "it is in force, but not after a restart: " + kept.error().message};
}

Status Loop::trigger(const Trigger& trigger) {
  const std::lock_guard guard(mutex_);
  if (stopping_) return {ErrorCode::cancelled, "the service is stopping"};
  return changed(planner_.trigger(trigger.job, trigger.accept, clock_.now()), Event::job_triggered,
                 trigger.job);
}

Status Loop::pause(std::string_view job) {
  const std::lock_guard guard(mutex_);
  return changed(planner_.pause(job), Event::job_paused, job);
}

Status Loop::resume(std::string_view job) {
  const std::lock_guard guard(mutex_);
  return changed(planner_.resume(job, clock_.now()), Event::job_resumed, job);
}

Status Loop::cancel(std::string_view job) {
  const std::lock_guard guard(mutex_);
  const auto& jobs = taken_.configuration.jobs;
  const bool known =
      std::any_of(jobs.begin(), jobs.end(), [&](const PlannedJob& one) { return one.name == job; });
  if (!known && !engines_.runs(job)) {
    return {ErrorCode::usage, "there is no job " + std::string(job)};
  }
  if (!engines_.ask_to_stop(job, StopReason::asked) && !planner_.withdraw(job, clock_.now())) {
    return {ErrorCode::busy, "job " + std::string(job) + " does not run and does not wait to"};
  }
  return changed({}, Event::job_cancelled, job);
}

Status Loop::rename(std::string_view job, std::string_view to) {
  const std::lock_guard guard(mutex_);
  const std::string from(job), now(to);
  planner_.rename(from, now);
  if (const auto last = memory_.last_runs.find(from); last != memory_.last_runs.end()) {
    memory_.last_runs[now] = last->second;
  }
  if (const auto troubles = memory_.troubles.find(from); troubles != memory_.troubles.end()) {
    memory_.troubles[now] = troubles->second;
  }
  planner_.configure(taken_.configuration.jobs, planner_options(), clock_.now());
  tell();
  wake();
  return remember();
}

void Loop::see(const std::vector<StreamState>& streams) {
  const std::lock_guard guard(mutex_);
  const Timestamp now = clock_.now();
  std::vector<Notice> notices;
  for (const StreamState& one : streams) {
    if (!memory_.jobs.contains(one.job)) continue;
    // What was never read has as long as it may take, from when it is first waited for.
    const std::int64_t waited = now - std::max(started_at_, taken_at_);
    const bool is_new = !one.last_read_at.has_value() &&
                        waited < one.fresh_within_seconds * microseconds_per_second;
    for (Notice& notice : notices_of_stream(
             one.job, one.stream, one.stale && !is_new, one.last_read_at.value_or(no_time),
             taken_.configuration.notify.repeat, now, memory_.troubles[one.job])) {
      notices.push_back(std::move(notice));
    }
  }
  if (notices.empty()) return;
  remember_or_say();
  notify(std::move(notices));
}

Status Loop::reject(const Error& error) {
  const std::lock_guard guard(mutex_);
  ++failed_reloads_;
  reload_error_ = error.message;
  tell();
  const std::vector<std::string> problems = problem_lines(error.detail);
  log_.write(Event::config_rejected, {{"error", error.message}});
  for (const std::string& problem : problems) {
    log_.write(Event::config_rejected, {{"problem", problem}});
  }
  said_status_ = status_text();
  notifier_.ready(said_status_);
  return error;
}

void Loop::take_over(TakenConfiguration taken) {
  const std::lock_guard guard(mutex_);
  ++reloads_;
  reload_error_.clear();
  const std::string waiting = keys_that_wait(taken_.configuration.serve, taken.configuration.serve);
  const bool other = taken.fingerprint != taken_.fingerprint;
  taken_ = std::move(taken);
  taken_at_ = clock_.now();
  planner_.configure(taken_.configuration.jobs, planner_options(), taken_at_);
  tell();
  remember_or_say();
  std::set<std::string> used = engines_.files_in_use();
  used.insert(taken_.files);
  configurations_.keep_only(used);
  log_.write(Event::config_reloaded, {{"configuration", taken_.fingerprint},
                                      {"jobs", std::to_string(taken_.configuration.jobs.size())},
                                      {"changed", other ? "yes" : "no"}});
  if (!waiting.empty()) log_.write(Event::config_needs_restart, {{"keys", waiting}});
  said_status_ = status_text();
  notifier_.ready(said_status_);
}

Status Loop::reload() {
  const std::lock_guard one_at_a_time(reload_mutex_);
  if (stopping_) return {ErrorCode::cancelled, "the service is stopping"};
  notifier_.reloading(clock_.monotonic());
  auto taken = configurations_.take();
  if (!taken.ok()) return reject(taken.error());
  if (taken->configuration.state != options_.state) {
    return reject({ErrorCode::bad_config,
                   "state names another folder than the one in use; stop the service to move it"});
  }
  take_over(std::move(taken).value());
  wake();
  return {};
}

void Loop::reload_on_signal() {
  const std::lock_guard guard(wish_mutex_);
  reload_wanted_ = true;
  if (reloading_)
    return;  // the one under way sees to it, as the files may have changed since it read
  if (reloader_.joinable()) reloader_.join();
  reloading_ = true;
  reloader_ = std::thread([this] {
    for (;;) {
      {
        const std::lock_guard wish(wish_mutex_);
        reloading_ = std::exchange(reload_wanted_, false);
        if (!reloading_) return;
      }
      (void)reload();  // how it went is in the log
    }
  });
}

}  // namespace rondom::service
