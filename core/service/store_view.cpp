#include "service/store_view.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace rondom::service {
namespace {

using nlohmann::json;

/// Runs of the service that began before it was first looked: more are not looked through.
constexpr std::size_t beginning_runs_max = 12'800;
/// Streams that are told of: labels of a metric.
constexpr std::size_t streams_max = 2'000;

void add_numbers(const json& from, const std::string& job, const std::vector<const char*>& names,
                 std::map<std::pair<std::string, std::string>, std::int64_t>& into) {
  for (const char* name : names) {
    if (const auto found = from.find(name); found != from.end() && found->is_number_integer()) {
      into[{job, name}] += found->get<std::int64_t>();
    }
  }
}

void add_job(const json& job, StoreFigures& figures) {
  const std::string name = job.at("job");
  for (const json& stream : job.at("streams")) {
    add_numbers(stream, name,
                {"read", "new", "changed", "unchanged", "deleted", "stale", "filtered",
                 "quarantined", "tombstoned"},
                figures.records);
  }
  const json& deliveries = job.at("deliveries");
  if (!deliveries.is_object()) return;
  add_numbers(
      deliveries, name,
      {"created", "adopted", "updated", "removed", "unchanged", "rejected", "retried", "unknown"},
      figures.deliveries);
  const json withheld = deliveries.value("withheld", json::object());
  for (const auto& [reason, count] : withheld.items()) {
    figures.deliveries[{name, "withheld"}] += count.get<std::int64_t>();
  }
}

std::vector<StreamState> streams_in(const json& status) {
  std::vector<StreamState> streams;
  const json told = status.value("streams", json::array());
  for (const json& one : told) {
    if (streams.size() == streams_max) break;
    StreamState& stream = streams.emplace_back();
    stream.job = one.at("job");
    stream.stream = one.at("stream");
    stream.fresh_within_seconds = one.at("fresh_within_seconds");
    stream.stale = one.at("stale");
    if (const json& at = one.at("last_read_at"); at.is_string()) {
      if (const auto read = parse_time(at.get<std::string>()); read.ok()) {
        stream.last_read_at = *read;
      }
    }
  }
  return streams;
}

/// Told to the second, so the end of that second.
Timestamp started_by(const json& run) {
  const auto started = parse_time(run.at("started_at").get<std::string>());
  return started.ok() ? *started + microseconds_per_second : no_time;
}

}  // namespace

void StoreView::start() {
  const std::lock_guard lock(mutex_);
  if (!looker_.joinable() && !stopping_) looker_ = std::thread([this] { look_again_and_again(); });
}

void StoreView::let_go() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void StoreView::stop() {
  let_go();
  if (looker_.joinable()) looker_.join();
}

std::optional<StoreFigures> StoreView::known_now() const {
  if (looked_at_ == no_time) return std::nullopt;
  StoreFigures figures = known_;
  if (found_at_ != no_time) figures.age = clock_.monotonic() - found_at_;
  return figures;
}

std::optional<StoreFigures> StoreView::known() const {
  const std::lock_guard lock(mutex_);
  return known_now();
}

StoreFigures StoreView::figures() {
  std::unique_lock lock(mutex_);
  wanted_at_ = clock_.monotonic();
  if (looked_at_ != no_time && is_due()) {
    wanted_ = true;
    changed_.notify_all();
  }
  changed_.wait_for(lock, std::chrono::milliseconds(first_look_ms_max),
                    [this] { return looked_at_ != no_time || stopping_; });
  return known_now().value_or(StoreFigures());
}

bool StoreView::is_due() const {
  const std::int64_t now = clock_.monotonic();
  const bool is_wanted = wanted_at_ != no_time &&
                         now - wanted_at_ < store_view_wanted_seconds * microseconds_per_second;
  const std::int64_t rest = !known_.up  ? store_view_away_seconds
                            : is_wanted ? store_view_seconds
                                        : store_view_idle_seconds;
  return wanted_ || now - looked_at_ >= rest * microseconds_per_second;
}

void StoreView::look_again_and_again() {
  for (;;) {
    look();
    std::unique_lock lock(mutex_);
    wanted_ = false;
    do {
      changed_.wait_for(lock, std::chrono::seconds(1));
      if (stopping_) return;
    } while (!is_due());
  }
}

void StoreView::look() {
  StoreFigures now;
  {
    const std::lock_guard lock(mutex_);
    now = known_;
  }
  now.up = false;
  try {
    if (const auto status = ask_({"status"})) {
      const json told = json::parse(*status);
      std::map<std::string, std::int64_t> totals;
      for (const auto& [name, value] : told.items()) {
        if (value.is_number_integer()) totals[name] = value.get<std::int64_t>();
      }
      now.totals = std::move(totals);
      now.streams = streams_in(told);
      now.up = read_runs(now);
    }
  } catch (const json::exception&) {
    // Not what the verbs print: the store is as good as not there.
  }
  if (now.up && found_) found_(now);
  const std::lock_guard lock(mutex_);
  known_ = std::move(now);
  looked_at_ = clock_.monotonic();
  if (known_.up) found_at_ = looked_at_;
  changed_.notify_all();
}

bool StoreView::read_runs(StoreFigures& figures) {
  const std::string page = std::to_string(store_view_page);
  for (std::size_t read = 0; read < store_view_runs_max; read += store_view_page) {
    if (last_run_.empty()) return find_beginning(figures);
    const auto answer = ask_({"runs", "--after", last_run_, "--limit", page});
    // Most likely another store is there now, without that run.
    if (!answer.has_value()) return find_beginning(figures);
    const json runs = json::parse(*answer);
    for (const json& run : runs) take(run, &run == &runs.back(), figures);
    if (runs.size() < store_view_page) break;
  }
  return true;
}

/// Back from the newest run to the first that is not ours: nothing says yet where that is.
bool StoreView::find_beginning(StoreFigures& figures) {
  const Timestamp from = std::max(since_, last_started_);
  json runs;  // newest first
  for (std::size_t limit = store_view_page;; limit *= 2) {
    const auto answer = ask_({"runs", "--limit", std::to_string(limit)});
    if (!answer.has_value() && limit == store_view_page) return false;
    const bool more = answer.has_value();  // else it was too long
    if (more) runs = json::parse(*answer);
    const auto first = std::find_if(runs.begin(), runs.end(), [&](const json& run) {
      return run.at("run").get_ref<const std::string&>() == last_run_ || started_by(run) <= from;
    });
    const bool is_cut = first == runs.end() && runs.size() == limit;
    if (is_cut && more && limit < beginning_runs_max) continue;
    if (first != runs.end()) last_run_ = first->at("run");
    for (auto run = first; run != runs.begin();) {
      --run;
      take(*run, run == runs.begin(), figures);
    }
    return true;
  }
}

/// The newest one may go on still, and is read when it has ended. Others without a report never
/// will have one.
void StoreView::take(const json& run, bool is_newest, StoreFigures& figures) {
  const auto jobs = run.find("jobs");
  if (jobs == run.end() && is_newest) return;
  if (jobs != run.end()) {
    for (const json& job : *jobs) add_job(job, figures);
  }
  last_run_ = run.at("run");
  last_started_ = started_by(run);
}

}  // namespace rondom::service
