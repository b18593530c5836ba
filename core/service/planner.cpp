#include "service/planner.h"

#include <algorithm>

#include "service/schedule.h"

namespace rondom::service {
namespace {

using Kind = config::Schedule::Kind;

std::int64_t doubled(std::int64_t first, int times, std::int64_t most) {
  std::int64_t rest = first;
  for (int i = 0; i < times && rest < most; ++i) rest *= 2;
  return std::min(rest, most);
}

void earliest(std::optional<Timestamp>& of, std::optional<Timestamp> other) {
  if (other && (!of || *other < *of)) of = other;
}

Status unknown_job(std::string_view job) {
  return {ErrorCode::usage, "there is no job " + std::string(job)};
}

}  // namespace

Planner::Job* Planner::find(std::string_view job) {
  const auto found = jobs_.find(job);
  return found == jobs_.end() || !found->second.known ? nullptr : &found->second;
}

const Planner::Job* Planner::find(std::string_view job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() || !found->second.known ? nullptr : &found->second;
}

bool Planner::is_row(const Job& job) {
  return job.planned.schedule.kind == Kind::every || job.planned.schedule.kind == Kind::cron;
}

std::optional<Timestamp> Planner::following(const Job& job, Timestamp instant) {
  if (job.planned.schedule.kind == Kind::every) return instant + job.planned.schedule.every;
  return next_time(job.planned.schedule.cron, *job.zone, instant);
}

Timestamp Planner::with_jitter(const Job& job, Timestamp instant) const {
  if (options_.jitter <= 0) return instant;
  const std::uint64_t number =
      Hasher(options_.seed).add(job.planned.name).add(static_cast<std::uint64_t>(instant)).value();
  return instant +
         static_cast<std::int64_t>(number % (static_cast<std::uint64_t>(options_.jitter) + 1));
}

void Planner::remember(const std::string& job, const JobMemory& memory) {
  if (jobs_.size() < gone_jobs_max) jobs_[job].memory = memory;
}

void Planner::rename(const std::string& job, const std::string& to) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  jobs_[to].memory = found->second.memory;
  if (!found->second.known && !found->second.running) jobs_.erase(found);
}

void Planner::configure(const std::vector<PlannedJob>& jobs, const PlannerOptions& options,
                        Timestamp now) {
  options_ = options;
  for (auto& [name, job] : jobs_) job.known = false;
  for (const PlannedJob& planned : jobs) {
    Job& job = jobs_[planned.name];
    job.known = true;
    job.planned = planned;
    JobMemory& memory = job.memory;
    if (memory.since == no_time) memory.since = now;
    const bool changed = memory.schedule != planned.schedule.text;
    memory.schedule = planned.schedule.text;
    if (changed && !job.triggered) job.due.reset();
    job.next.reset();
    if (planned.schedule.kind == Kind::every) {
      const Timestamp due_now = now - planned.schedule.every;
      if (changed) memory.dealt_with = std::max(memory.dealt_with, due_now);
    } else if (planned.schedule.kind == Kind::cron) {
      job.zone = expression::open_zone(planned.schedule.zone);
      if (job.zone == nullptr) job.zone = expression::open_zone("UTC");  // refused when it was read
      if (changed) memory.dealt_with = now;
    }
    set_back(job, now);
    if (is_row(job)) job.next = following(job, memory.dealt_with);
    if (memory.owed && (!memory.paused || memory.triggered) && !job.running && !job.due) {
      job.due = now;
      job.triggered = memory.triggered;
      job.accept = std::move(memory.accept);
    }
    // From here on the job itself says so.
    memory.owed = memory.triggered = false;
    memory.accept.clear();
  }
  std::size_t gone = jobs_.size() - jobs.size();
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    const bool forget = !at->second.known && !at->second.running && gone > gone_jobs_max;
    if (forget) --gone;
    at = forget ? jobs_.erase(at) : std::next(at);
  }
}

/// The clock may have been set back. Nothing was in the future, nobody rests longer than the
/// longest rest, and a row never goes on from an instant that is still to come.
void Planner::set_back(Job& job, Timestamp now) {
  JobMemory& memory = job.memory;
  for (Timestamp* const past :
       {&memory.since, &memory.last_start, &memory.last_good_end, &job.start_before}) {
    *past = std::min(*past, now);
  }
  job.not_before =
      std::min(job.not_before, now + (job.busy > 0 ? busy_rest_max : continuous_rest_max));
  Timestamp& dealt_with = job.memory.dealt_with;
  const bool every = job.planned.schedule.kind == Kind::every;
  if (!is_row(job) || dealt_with <= now + (every ? 0 : set_back_max)) return;
  dealt_with = now;
  job.next = following(job, now);
}

void Planner::pass_instants(Job& job, Timestamp now, Tick& tick) {
  std::int64_t passed = 0;
  std::int64_t walked = 0;
  Timestamp newest = no_time;
  while (job.next && with_jitter(job, *job.next) <= now && walked < missed_counted_max) {
    newest = *job.next;
    ++walked;
    ++passed;
    if (const std::int64_t every = job.planned.schedule.every;
        job.planned.schedule.kind == Kind::every && now - newest > 2 * (every + options_.jitter)) {
      const std::int64_t skipped = (now - newest - options_.jitter) / every - 1;
      newest += skipped * every;
      passed += skipped;
    }
    job.memory.dealt_with = newest;
    job.next = following(job, newest);
  }
  if (walked == missed_counted_max) {
    job.memory.dealt_with = now;
    job.next = following(job, now);
  }
  if (passed == 0 || job.memory.paused) return;
  const bool has_turn = job.running || job.due.has_value();
  const bool in_time = now - with_jitter(job, newest) <= late_max;
  const bool starts = !has_turn && (in_time || options_.catch_up == config::Serve::CatchUp::one);
  if (starts) job.due = newest;
  const std::int64_t missed = passed - (starts ? 1 : 0);
  if (missed > 0) tick.missed.push_back({job.planned.name, missed, has_turn});
}

bool Planner::predecessors_ended(const Job& job, Timestamp& last) const {
  const Timestamp since = std::max(job.memory.last_start, job.memory.since);
  for (const std::string& name : job.planned.schedule.after) {
    const Job* const before = find(name);
    if (before == nullptr || before->memory.last_good_end <= since) return false;
    last = std::max(last, before->memory.last_good_end);
  }
  return !job.planned.schedule.after.empty();
}

void Planner::see_if_due(Job& job, Timestamp now, Tick& tick) {
  if (is_row(job)) return pass_instants(job, now, tick);
  if (job.running || job.due.has_value() || job.memory.paused) return;
  Timestamp due = no_time;
  if (job.planned.schedule.kind == Kind::continuous) {
    job.due = std::max(now, job.not_before);
  } else if (job.planned.schedule.kind == Kind::after && predecessors_ended(job, due)) {
    job.due = due;
  }
}

void Planner::start_waiting(Timestamp now, Tick& tick) {
  std::vector<Job*> waiting;
  for (auto& [name, job] : jobs_) {
    if (job.known && job.due && !job.running && job.not_before <= now) waiting.push_back(&job);
  }
  // The one that waits longest first; those of the same instant by name, as jobs_ is.
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const Job* a, const Job* b) { return *a->due < *b->due; });
  std::size_t busy = running();
  for (Job* job : waiting) {
    if (busy >= options_.concurrency) return;
    ++busy;
    job->running = true;
    job->start_before = job->memory.last_start;
    job->memory.last_start = now;
    tick.starts.push_back({job->planned.name, job->accept, job->triggered});
  }
}

std::optional<Timestamp> Planner::look_again(Timestamp now) const {
  std::optional<Timestamp> when;
  for (const auto& [name, job] : jobs_) {
    if (!job.known) continue;
    if (job.next) earliest(when, with_jitter(job, *job.next));
    if (job.due && !job.running && job.not_before > now) earliest(when, job.not_before);
  }
  return when;
}

Tick Planner::tick(Timestamp now) {
  Tick tick;
  // All, first: who comes after others looks at theirs.
  for (auto& [name, job] : jobs_) {
    if (job.known) set_back(job, now);
  }
  for (auto& [name, job] : jobs_) {
    if (job.known) see_if_due(job, now, tick);
  }
  start_waiting(now, tick);
  tick.look_again = look_again(now);
  return tick;
}

void Planner::ended(std::string_view name, Outcome outcome, Timestamp now) {
  const auto found = jobs_.find(name);
  if (found == jobs_.end() || !found->second.running) return;
  Job& job = found->second;
  job.running = false;
  if (outcome == Outcome::busy) {
    job.memory.last_start = job.start_before;
    job.not_before = now + doubled(busy_rest, job.busy++, busy_rest_max);
    if (job.memory.paused && !job.triggered) job.due.reset();
    return;
  }
  if (outcome == Outcome::cut) {
    job.memory.last_start = job.start_before;
    return;
  }
  job.busy = 0;
  job.due.reset();
  job.triggered = false;
  job.accept.clear();
  job.not_before = no_time;
  if (outcome == Outcome::good) job.memory.last_good_end = now;
  job.failures = outcome == Outcome::good ? 0 : job.failures + 1;
  if (job.planned.schedule.kind == Kind::continuous) {
    job.not_before = now + doubled(continuous_rest, job.failures, continuous_rest_max);
  }
}

Status Planner::trigger(std::string_view name, std::vector<std::string> accept, Timestamp now) {
  Job* const job = find(name);
  if (job == nullptr) return unknown_job(name);
  if (job->running) return {ErrorCode::busy, "job " + std::string(name) + " runs already"};
  if (!job->due) job->due = now;
  job->triggered = true;
  if (job->busy == 0) job->not_before = no_time;
  for (std::string& id : accept) {
    if (job->accept.size() < accept_max && id.size() <= accept_bytes_max &&
        std::find(job->accept.begin(), job->accept.end(), id) == job->accept.end()) {
      job->accept.push_back(std::move(id));
    }
  }
  return {};
}

Status Planner::pause(std::string_view name) {
  Job* const job = find(name);
  if (job == nullptr) return unknown_job(name);
  job->memory.paused = true;
  if (!job->running && !job->triggered) job->due.reset();
  return {};
}

bool Planner::withdraw(std::string_view name, Timestamp now) {
  Job* const job = find(name);
  if (job == nullptr || job->running || !job->due) return false;
  job->due.reset();
  job->triggered = false;
  job->accept.clear();
  job->busy = 0;
  job->not_before = no_time;
  // Those before it have had their turn, and a job without a schedule in time would be due again at
  // once.
  if (job->planned.schedule.kind == Kind::after) job->memory.since = now;
  if (job->planned.schedule.kind == Kind::continuous) job->not_before = now + continuous_rest_max;
  return true;
}

Status Planner::resume(std::string_view name, Timestamp now) {
  Job* const job = find(name);
  if (job == nullptr) return unknown_job(name);
  if (!job->memory.paused) return {};
  Tick unseen;
  set_back(*job, now);
  if (is_row(*job)) pass_instants(*job, now, unseen);  // those of the pause, not counted
  job->memory.paused = false;
  return {};
}

JobPlan Planner::plan_of(std::string_view name) const {
  JobPlan plan;
  const auto found = jobs_.find(name);
  if (found == jobs_.end()) return plan;
  const Job& job = found->second;
  const bool waits = job.due.has_value() && !job.running;
  plan.state = job.running         ? JobPlan::State::running
               : waits             ? JobPlan::State::waiting
               : job.memory.paused ? JobPlan::State::paused
                                   : JobPlan::State::idle;
  if (waits) {
    plan.next_at = std::max(*job.due, job.not_before);
  } else if (job.next && !job.memory.paused) {
    plan.next_at = with_jitter(job, *job.next);
  }
  return plan;
}

std::map<std::string, JobMemory> Planner::memories() const {
  std::map<std::string, JobMemory> all;
  for (const auto& [name, job] : jobs_) {
    JobMemory& memory = all[name] = job.memory;
    if (!job.due) continue;
    memory.owed = true;
    memory.triggered = job.triggered;
    memory.accept = job.accept;
  }
  return all;
}

std::size_t Planner::running() const {
  return static_cast<std::size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [](const auto& entry) { return entry.second.running; }));
}

}  // namespace rondom::service
