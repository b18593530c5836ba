#include "service/store_view.h"

#include <nlohmann/json.hpp>

namespace rondom::service {
namespace {

using nlohmann::json;

constexpr const char* runs_looked_at = "200";

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

}  // namespace

StoreFigures StoreView::figures() {
  std::unique_lock asking(asking_, std::try_to_lock);
  {
    const std::lock_guard lock(mutex_);
    if (!asking.owns_lock() && asked_at_ != no_time) return known_;
  }
  if (!asking.owns_lock()) asking.lock();  // the first answer is waited for
  StoreFigures now;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t at = clock_.monotonic();
    const bool fresh =
        asked_at_ != no_time && at - asked_at_ < store_view_seconds * microseconds_per_second;
    if (fresh) return known_;
    now = known_;
  }
  refresh(now);
  const std::lock_guard lock(mutex_);
  known_ = now;
  asked_at_ = clock_.monotonic();
  return now;
}

void StoreView::refresh(StoreFigures& figures) {
  figures.up = false;
  const auto status = ask_({"status"});
  const auto runs = status.has_value() ? ask_({"runs", "--limit", runs_looked_at}) : std::nullopt;
  if (!status.has_value() || !runs.has_value()) return;
  try {
    figures.totals.clear();
    const json totals = json::parse(*status);
    for (const auto& [name, value] : totals.items()) {
      if (value.is_number_integer()) figures.totals[name] = value.get<std::int64_t>();
    }
    add_runs(figures, *runs);
    figures.up = true;
  } catch (const json::exception&) {
    // Not what the verbs print: the store is as good as not there.
  }
}

void StoreView::add_runs(StoreFigures& figures, const std::string& runs_json) {
  std::set<std::string> there;
  const json runs = json::parse(runs_json);
  for (const json& run : runs) {
    const std::string id = run.at("run");
    const auto started = parse_time(run.at("started_at").get<std::string>());
    // Told to the second.
    if (!started.ok() || *started + microseconds_per_second <= since_ || !run.contains("jobs")) {
      continue;
    }
    there.insert(id);
    if (seen_.contains(id)) continue;
    for (const json& job : run["jobs"]) add_job(job, figures);
  }
  // Older ones do not come back, so as many are kept as are looked at.
  seen_ = std::move(there);
}

}  // namespace rondom::service
