#include "service/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "service/api.h"
#include "service/loop.h"

namespace rondom::service {
namespace {

/// The wall clock may be set while nothing else happens.
constexpr std::int64_t longest_wait = 30 * microseconds_per_second;
/// What the end of the service may take beyond shutdown_after: answers and commands under way come
/// to their end, what is still to be told is told, and a little.
constexpr std::int64_t shutdown_margin =
    35 * microseconds_per_second + (api_grace_ms + command_grace_ms) * 1'000;
/// What is still to be told at the end has so long to go.
constexpr std::int64_t notices_grace_ms = 5'000;
/// What checking a configuration may take before the manager hears of it again.
constexpr std::int64_t checking_max = 120 * microseconds_per_second;

std::string with_tenths(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds);
  return text;
}

}  // namespace

Loop::Loop(SupervisorOptions options, std::unique_ptr<store::EngineLock> lock)
    : options_(std::move(options)),
      clock_(*options_.clock),
      log_(*options_.log),
      notifier_(*options_.notifier),
      lock_(std::move(lock)),
      courier_(options_.root, clock_, *options_.random, log_),
      configurations_(options_.root, options_.state, options_.load),
      engines_(options_.program, options_.environment, clock_, log_) {}

Loop::~Loop() {
  if (signals_ >= 0) ::close(signals_);
  if (wake_ >= 0) ::close(wake_);
}

Status Loop::prepare() {
  sigset_t ours;
  ::sigemptyset(&ours);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&ours, number);
  ::pthread_sigmask(SIG_BLOCK, &ours, nullptr);
  signals_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signals_ < 0 || wake_ < 0) {
    return {ErrorCode::unavailable, "no descriptor left for signals"};
  }
  started_at_ = taken_at_ = clock_.now();
  notifier_.extend(checking_max);
  RONDOM_TRY_ASSIGN(taken_, configurations_.take());
  RONDOM_TRY_ASSIGN(memory_, load_memory(memory_path()));
  if (memory_.seed == 0) {
    std::array<std::uint8_t, sizeof memory_.seed> bytes{};
    options_.random->fill(bytes);
    for (const std::uint8_t byte : bytes) memory_.seed = memory_.seed << 8 | byte;
  }
  for (const auto& [name, job] : memory_.jobs) planner_.remember(name, job);
  planner_.configure(taken_.configuration.jobs, planner_options(), started_at_);
  tell();
  return remember();
}

PlannerOptions Loop::planner_options() const {
  const config::Serve& serve = taken_.configuration.serve;
  return {static_cast<std::size_t>(serve.concurrency), serve.jitter, serve.catch_up, memory_.seed};
}

Status Loop::remember() {
  memory_.jobs = planner_.memories();
  std::erase_if(memory_.last_runs,
                [&](const auto& entry) { return !memory_.jobs.contains(entry.first); });
  std::erase_if(memory_.troubles, [&](const auto& entry) {
    return entry.second.empty() || !memory_.jobs.contains(entry.first);
  });
  if (memory_ == remembered_) return {};
  RONDOM_TRY(save_memory(memory_path(), memory_));
  remembered_ = memory_;
  return {};
}

void Loop::remember_or_say() {
  if (const Status kept = remember(); !kept.ok()) {
    log_.write(Event::service_failed, {{"error", kept.error().message}});
  }
}

void Loop::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Loop::start(const Start& start) {
  EngineOrder order;
  order.job = start.job;
  order.accept = start.accept;
  order.triggered = start.triggered;
  order.root = options_.root;
  order.environment = taken_.configuration.environment;
  order.files = taken_.files;
  order.grace = taken_.configuration.serve.shutdown_after;
  for (const PlannedJob& planned : taken_.configuration.jobs) {
    if (planned.name == start.job) order.timeout = planned.timeout;
  }
  if (const Status started = engines_.start(order); !started.ok()) {
    FinishedEngine failed;
    failed.job = start.job;
    failed.outcome.status = "failed";
    failed.outcome.exit_code = exit_code_for(started.error().code);
    failed.outcome.error = started.error().message;
    finish(failed);
    wake();
  }
}

/// When to look again.
std::optional<Timestamp> Loop::start_due() {
  const Tick tick = planner_.tick(clock_.now());
  for (const Missed& missed : tick.missed) tallies_[missed.job].missed += missed.count;
  tell();
  for (const Missed& missed : tick.missed) {
    log_.write(Event::job_missed, {{"job", missed.job},
                                   {"count", std::to_string(missed.count)},
                                   {"reason", missed.running ? "running" : "down"}});
  }
  // Kept before anything begins: after a power cut the job is known to be owed.
  if (!tick.starts.empty() || !tick.missed.empty()) remember_or_say();
  for (const Start& one : tick.starts) start(one);
  return tick.look_again;
}

void Loop::finish(const FinishedEngine& finished) {
  const RunOutcome& outcome = finished.outcome;
  const Timestamp now = clock_.now();
  JobTally& tally = tallies_[finished.job];
  if (finished.waits()) {
    if (!tally.told_waiting) {
      log_.write(Event::job_waiting, {{"job", finished.job}, {"error", outcome.error}});
    }
    tally.told_waiting = true;
    planner_.ended(finished.job, Outcome::busy, now);
    tell();
    return;
  }
  tally.told_waiting = false;
  ++tally.runs;
  const bool cut = finished.stopped == StopReason::shutdown && !outcome.good();
  if (!outcome.good() && !cut) ++tally.failures;
  planner_.ended(finished.job,
                 outcome.good() ? Outcome::good
                 : cut          ? Outcome::cut
                                : Outcome::failed,
                 now);
  LastRun& last = memory_.last_runs[finished.job];
  last.finished_at = now;
  if (outcome.good()) last.success_at = now;
  last.status = outcome.status;
  last.error = outcome.error;
  last.exit_code = outcome.exit_code;
  last.seconds = static_cast<double>(finished.microseconds) / 1e6;
  tell();
  const auto count = [](std::int64_t n) { return n > 0 ? std::to_string(n) : std::string(); };
  log_.write(Event::job_finished, {{"job", finished.job},
                                   {"status", outcome.status},
                                   {"exit", std::to_string(outcome.exit_code)},
                                   {"seconds", with_tenths(last.seconds)},
                                   {"run", outcome.run},
                                   {"read", count(outcome.read)},
                                   {"refused", count(outcome.refused)},
                                   {"sent", count(outcome.sent)},
                                   {"error", outcome.error}});
  std::vector<Notice> notices =
      notices_of(finished.job, outcome, finished.stopped, taken_.configuration.notify.repeat, now,
                 memory_.troubles[finished.job]);
  remember_or_say();  // first: whoever was told is not told again
  notify(std::move(notices));
}

void Loop::notify(std::vector<Notice> notices) {
  const Configuration& configuration = taken_.configuration;
  for (Notice& notice : notices) {
    std::array<std::uint8_t, 10> bytes{};
    options_.random->fill(bytes);
    notice.id = "msg_" + to_text(time_uid(notice.at, bytes));
    notice.project = configuration.project;
    notice.environment = configuration.environment;
    courier_.send(configuration.notify, configuration.secrets, notice);
  }
}

std::string Loop::status_text() const {
  std::size_t failing = 0, paused = 0;
  std::optional<Timestamp> next;
  std::string next_job;
  for (const PlannedJob& planned : taken_.configuration.jobs) {
    const JobPlan plan = planner_.plan_of(planned.name);
    if (plan.state == JobPlan::State::paused) ++paused;
    const auto last = memory_.last_runs.find(planned.name);
    const bool failed = last != memory_.last_runs.end() && last->second.status != "done" &&
                        last->second.status != "partial";
    if (failed) ++failing;
    const bool comes = plan.next_at && plan.state == JobPlan::State::idle;
    if (comes && (!next || *plan.next_at < *next)) {
      next = plan.next_at;
      next_job = planned.name;
    }
  }
  std::string text = std::to_string(taken_.configuration.jobs.size()) + " jobs";
  if (!engines_.empty()) text += ", running " + join(engines_.jobs(), " ");
  if (failing > 0) text += ", " + std::to_string(failing) + " failed last time";
  if (paused > 0) text += ", " + std::to_string(paused) + " paused";
  if (next && !stopping_) text += ", next " + next_job + " at " + format_time(*next);
  if (!reload_error_.empty()) text += "; the last reload was rejected";
  return text;
}

void Loop::say_status() {
  std::string text = status_text();
  if (text == said_status_) return;
  notifier_.status(text);
  said_status_ = std::move(text);
}

int Loop::wait_milliseconds(std::optional<Timestamp> look_again, std::int64_t now) const {
  std::int64_t wait = longest_wait;
  if (look_again) wait = std::min(wait, *look_again - clock_.now());
  if (const auto moment = engines_.next_moment()) wait = std::min(wait, *moment - now);
  if (notifier_.watchdog() > 0) wait = std::min(wait, next_sign_ - now);
  constexpr std::int64_t microseconds_per_millisecond = 1'000;
  return static_cast<int>(std::max<std::int64_t>(wait, 0) / microseconds_per_millisecond + 1);
}

void Loop::stop(int signal) {
  if (stopping_.exchange(true)) {
    at_once_ = true;
    engines_.kill_all();
    return;
  }
  const std::int64_t grace = taken_.configuration.serve.shutdown_after;
  log_.write(Event::service_stopping,
             {{"signal", ::sigabbrev_np(signal)}, {"running", join(engines_.jobs(), ",")}});
  notifier_.stopping(engines_.empty() ? "stopping" : "stopping: jobs come to a safe point");
  notifier_.extend(grace + shutdown_margin);
  engines_.ask_all_to_stop(grace);
}

/// False: everything ends now.
bool Loop::hear_signals() {
  signalfd_siginfo info{};
  while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGHUP) {
      reload_on_signal();
    } else {
      const std::lock_guard guard(mutex_);
      stop(static_cast<int>(info.ssi_signo));
    }
  }
  std::uint64_t woken = 0;
  (void)!::read(wake_, &woken, sizeof woken);
  return !at_once_;
}

/// Only from here: the loop has come round.
void Loop::show_life() {
  const std::int64_t now = clock_.monotonic();
  if (notifier_.watchdog() == 0 || now < next_sign_) return;
  constexpr std::int64_t signs_within = 3;
  next_sign_ = now + notifier_.watchdog() / signs_within;
  notifier_.alive();
}

Status Loop::run() {
  {
    const std::lock_guard guard(mutex_);
    const Configuration& configuration = taken_.configuration;
    log_.write(Event::service_started, {{"project", configuration.project},
                                        {"environment", configuration.environment},
                                        {"jobs", std::to_string(configuration.jobs.size())},
                                        {"configuration", taken_.fingerprint}});
    said_status_ = status_text();
    notifier_.ready(said_status_);
  }
  const std::int64_t begun = clock_.monotonic();
  std::vector<pollfd> descriptors;
  do {
    int wait = 0;
    {
      const std::lock_guard guard(mutex_);
      for (const FinishedEngine& finished : engines_.turn()) finish(finished);
      if (stopping_ && engines_.empty()) break;
      std::optional<Timestamp> look_again;
      if (!stopping_) look_again = start_due();
      say_status();
      show_life();
      descriptors = {{signals_, POLLIN, 0}, {wake_, POLLIN, 0}};
      engines_.wait_for(descriptors);
      wait = wait_milliseconds(look_again, clock_.monotonic());
    }
    (void)::poll(descriptors.data(), descriptors.size(), wait);
  } while (hear_signals());
  if (reloader_.joinable()) reloader_.join();
  courier_.finish(at_once_ ? 0 : notices_grace_ms);
  const std::lock_guard guard(mutex_);
  remember_or_say();
  if (at_once_) return {ErrorCode::cancelled, "asked twice to stop: ended at once"};
  log_.write(Event::service_stopped,
             {{"seconds", with_tenths(static_cast<double>(clock_.monotonic() - begun) / 1e6)}});
  return {};
}

Result<std::unique_ptr<Supervisor>> Supervisor::open(SupervisorOptions options) {
  std::error_code failed;
  std::filesystem::create_directories(options.state, failed);
  if (failed) {
    return Error{ErrorCode::unavailable,
                 "the folder " + options.state + " cannot be made: " + failed.message()};
  }
  RONDOM_TRY_ASSIGN(auto lock,
                    store::EngineLock::take(options.state + "/service",
                                            "rondom serve, process " + std::to_string(::getpid())));
  auto loop = std::make_unique<Loop>(std::move(options), std::move(lock));
  RONDOM_TRY(loop->prepare());
  return std::unique_ptr<Supervisor>(std::move(loop));
}

}  // namespace rondom::service
