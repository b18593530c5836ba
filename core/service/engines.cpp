#include "service/engines.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace rondom::service {
namespace {

std::vector<std::string> engine_arguments(const EngineOrder& order) {
  std::vector<std::string> words = {"rondom", "-C", order.root};
  if (!order.environment.empty()) words.insert(words.end(), {"--env", order.environment});
  words.insert(words.end(), {"--configuration", order.files, "-o", "json", "-q", "--progress-lines",
                             "run", order.job});
  for (const std::string& id : order.accept) words.insert(words.end(), {"--accept", id});
  return words;
}

/// A line of `run --progress-lines`; nothing: it is another one.
std::optional<RunProgress> progress_in(std::string_view line) {
  constexpr std::string_view begin = R"({"progress":)";
  if (!line.starts_with(begin)) return std::nullopt;
  const nlohmann::json said = nlohmann::json::parse(line, nullptr, false);
  if (!said.is_object()) return std::nullopt;
  RunProgress out;
  try {
    const nlohmann::json& told = said.at("progress");
    told.at("phase").get_to(out.phase);
    told.at("done").get_to(out.done);
    told.at("total").get_to(out.total);
    told.at("created").get_to(out.created);
    told.at("quarantined").get_to(out.quarantined);
    told.at("seconds").get_to(out.seconds);
    told.at("memory_bytes").get_to(out.memory_bytes);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // of another version of the program
  }
  return out;
}

std::string whole_seconds(std::int64_t microseconds) {
  return std::to_string(microseconds / microseconds_per_second);
}

}  // namespace

struct Engines::One {
  EngineOrder order;
  std::unique_ptr<Child> child;
  std::int64_t started = 0;  // monotonic, as all below
  std::optional<std::int64_t> stop_at, kill_at;
  StopReason stopped = StopReason::none;
  int lines = 0;
  std::optional<RunProgress> progress;
};

Engines::Engines(std::string program, std::vector<std::string> environment, const Clock& clock,
                 EventLog& log)
    : program_(std::move(program)),
      environment_(std::move(environment)),
      clock_(clock),
      log_(log) {}

Engines::~Engines() = default;

Status Engines::start(const EngineOrder& order) {
  auto child = Child::start({program_, engine_arguments(order), environment_});
  if (!child.ok()) return child.status();
  auto one = std::make_unique<One>();
  one->order = order;
  one->child = std::move(child).value();
  one->started = clock_.monotonic();
  if (order.timeout > 0) one->stop_at = one->started + order.timeout;
  log_.write(Event::job_started, {{"job", order.job},
                                  {"pid", std::to_string(one->child->pid())},
                                  {"triggered", order.triggered ? "yes" : ""}});
  engines_.push_back(std::move(one));
  return {};
}

bool Engines::runs(std::string_view job) const {
  return std::any_of(engines_.begin(), engines_.end(),
                     [&](const auto& one) { return one->order.job == job; });
}

std::vector<std::string> Engines::jobs() const {
  std::vector<std::string> names;
  for (const auto& one : engines_) names.push_back(one->order.job);
  return names;
}

std::set<std::string> Engines::files_in_use() const {
  std::set<std::string> files;
  for (const auto& one : engines_) files.insert(one->order.files);
  return files;
}

void Engines::wait_for(std::vector<pollfd>& descriptors) const {
  for (const auto& one : engines_) {
    for (const int descriptor : {one->child->output_descriptor(), one->child->error_descriptor(),
                                 one->child->end_descriptor()}) {
      if (descriptor >= 0) descriptors.push_back({descriptor, POLLIN, 0});
    }
  }
}

std::optional<std::int64_t> Engines::next_moment() const {
  std::optional<std::int64_t> next;
  for (const auto& one : engines_) {
    for (const auto& moment : {one->stop_at, one->kill_at}) {
      if (moment && (!next || *moment < *next)) next = moment;
    }
  }
  return next;
}

std::optional<RunProgress> Engines::progress_of(std::string_view job) const {
  for (const auto& one : engines_) {
    if (one->order.job == job) return one->progress;
  }
  return std::nullopt;
}

void Engines::hear(One& one, std::string_view line) {
  if (auto progress = progress_in(line)) {
    one.progress = std::move(progress);
    return;
  }
  if (++one.lines > engine_lines_max + 1) return;
  log_.write(Event::job_said, {{"job", one.order.job},
                               {"message", one.lines > engine_lines_max ? "more lines are left out"
                                                                        : std::string(line)}});
}

void Engines::ask(One& one, StopReason reason) {
  one.stop_at.reset();
  if (one.stopped == StopReason::none) one.stopped = reason;
  const std::int64_t kill_at = clock_.monotonic() + one.order.grace;
  one.kill_at = std::min(one.kill_at.value_or(kill_at), kill_at);
  one.child->ask_to_stop();
}

void Engines::hold_to_time(One& one, std::int64_t now) {
  if (one.stop_at && *one.stop_at <= now) {
    log_.write(Event::job_timed_out,
               {{"job", one.order.job}, {"seconds", whole_seconds(now - one.started)}});
    ask(one, StopReason::timeout);
  }
  if (one.kill_at && *one.kill_at <= now) {
    log_.write(Event::job_killed,
               {{"job", one.order.job}, {"seconds", whole_seconds(now - one.started)}});
    one.kill_at.reset();
    one.child->kill();
  }
}

std::vector<FinishedEngine> Engines::turn() {
  std::vector<FinishedEngine> finished;
  const std::int64_t now = clock_.monotonic();
  for (auto at = engines_.begin(); at != engines_.end();) {
    One& one = **at;
    const auto hear_line = [&](std::string_view line) { hear(one, line); };
    // Ended first, then what it said: so nothing that it said is missed.
    const std::optional<ChildEnd> end = one.child->reap();
    one.child->take(hear_line);
    if (!end) {
      hold_to_time(one, now);
      ++at;
      continue;
    }
    for (int i = 0; i < 64 && one.child->output_descriptor() >= 0; ++i) one.child->take(hear_line);
    finished.push_back({one.order.job,
                        outcome_of(one.child->output(), one.child->cut(), *end, one.stopped),
                        one.stopped, now - one.started});
    at = engines_.erase(at);
  }
  return finished;
}

bool Engines::ask_to_stop(std::string_view job, StopReason reason) {
  for (const auto& one : engines_) {
    if (one->order.job != job) continue;
    // A second SIGTERM would end the engine at once.
    if (one->stopped == StopReason::none) ask(*one, reason);
    return true;
  }
  return false;
}

void Engines::ask_all_to_stop(std::int64_t grace) {
  for (const auto& one : engines_) {
    one->order.grace = grace;
    if (one->stopped == StopReason::none) ask(*one, StopReason::shutdown);
  }
}

void Engines::kill_all() {
  for (const auto& one : engines_) one->child->kill();
}

}  // namespace rondom::service
