#include "service/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace rondom::service {
namespace {

// Seconds. Health and state take a millisecond, what a verb tells some tens of them.
constexpr double duration_buckets[] = {0.005, 0.02, 0.1, 0.5, 2, 10};

std::string number_text(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

void append_label_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

}  // namespace

const std::vector<Metric>& metric_table() {
  static const std::vector<Metric> table{
      {"rondom_build_info", "gauge", "1; the version is its label.", {"version"}},
      {"rondom_start_time_seconds", "gauge", "When the service started, Unix time.", {}},
      {"rondom_config_reload_success", "gauge", "1 when the last reload was taken, else 0.", {}},
      {"rondom_config_last_reload_timestamp_seconds",
       "gauge",
       "Since when the configuration is in force, Unix time.",
       {}},
      {"rondom_config_reloads_total", "counter", "Reloads by result: ok, failed.", {"result"}},
      {"rondom_notices_total",
       "counter",
       "Messages to those that notify names, by result: sent, failed.",
       {"result"}},
      {"rondom_job_running", "gauge", "1 while the job runs.", {"job"}},
      {"rondom_job_paused", "gauge", "1 while the job does not start by itself.", {"job"}},
      {"rondom_job_runs_total", "counter", "Runs that ended.", {"job"}},
      {"rondom_job_failures_total", "counter", "Runs that ended badly.", {"job"}},
      {"rondom_job_missed_total", "counter", "Starts that were due and did not happen.", {"job"}},
      {"rondom_job_next_start_timestamp_seconds",
       "gauge",
       "When it is due, Unix time; absent when it is not.",
       {"job"}},
      {"rondom_run_duration_seconds", "gauge", "How long the last run took.", {"job"}},
      {"rondom_run_last_exit_code", "gauge", "Exit code of the last run.", {"job"}},
      {"rondom_run_last_success_timestamp_seconds",
       "gauge",
       "When a run last ended well, Unix time; absent before the first.",
       {"job"}},
      {"rondom_store_up", "gauge", "1 when the store could be read the last time.", {}},
      {"rondom_store_figures_age_seconds",
       "gauge",
       "How old the figures of the store are, rondom_records_total and rondom_deliveries_total "
       "among them; absent before the first.",
       {}},
      {"rondom_store_records", "gauge", "Records that are live.", {}},
      {"rondom_store_profiles", "gauge", "Profiles.", {}},
      {"rondom_store_quarantined", "gauge", "Records in quarantine.", {}},
      {"rondom_store_dead_letters", "gauge", "Deliveries refused for good.", {}},
      {"rondom_store_to_unify", "gauge", "Records that the next run unifies.", {}},
      {"rondom_store_waiting", "gauge", "Records that wait for another.", {}},
      {"rondom_store_to_review", "gauge", "Records that wait for somebody's judgement.", {}},
      {"rondom_stream_stale",
       "gauge",
       "1 when the last completed read is longer ago than fresh_within, else 0; of streams that "
       "have it.",
       {"job", "stream"}},
      {"rondom_stream_last_read_timestamp_seconds",
       "gauge",
       "When the last completed read of such a stream ended, Unix time; absent before the first.",
       {"job", "stream"}},
      {"rondom_records_total",
       "counter",
       "Records of runs that ended since the service started, by result: read, new, changed, "
       "unchanged, deleted, stale, filtered, quarantined, tombstoned.",
       {"job", "result"}},
      {"rondom_deliveries_total",
       "counter",
       "Profiles of runs that ended since the service started, by result: created, adopted, "
       "updated, removed, unchanged, rejected, retried, unknown, withheld.",
       {"job", "result"}},
      {"rondom_http_requests_total",
       "counter",
       "Requests answered by a route.",
       {"method", "route", "status"}},
      {"rondom_http_request_duration_seconds",
       "histogram",
       "How long they took.",
       {"method", "route"}},
      {"rondom_http_unauthorized_total", "counter", "Requests without a token that counts.", {}},
      {"rondom_http_connections", "gauge", "Connections that are open.", {}},
      {"rondom_http_refused_total",
       "counter",
       "Requests and connections turned away, by reason: full, rate, malformed.",
       {"reason"}},
      {"rondom_http_shed_total",
       "counter",
       "Connections ended as the other side was too slow.",
       {}},
      {"rondom_commands_running", "gauge", "Verbs that run for somebody at the socket.", {}},
  };
  return table;
}

std::string metrics_reference() {
  std::string out =
      "# Metrics\n\nWhat `GET /metrics` tells while `rondom serve` runs, in Prometheus' text "
      "format. "
      "No label holds an id, an address or\nanything else of a person. Counters begin at zero when "
      "the "
      "service starts; what concerns the store is looked up beside and told with its "
      "age.\n\n"
      "| name | type | labels | what |\n| --- | --- | --- | --- |\n";
  for (const Metric& one : metric_table()) {
    std::string labels;
    for (const char* label : one.labels) {
      labels += (labels.empty() ? "`" : ", `") + std::string(label) + "`";
    }
    out += "| `" + std::string(one.name) + "` | " + one.type + " | " + labels + " | " + one.help +
           " |\n";
  }
  return out;
}

void MetricsText::add(std::string_view name, const Labels& labels, double value,
                      std::string_view suffix) {
  const auto& table = metric_table();
  if (std::none_of(table.begin(), table.end(),
                   [&](const Metric& one) { return one.name == name; })) {
    unknown_.emplace_back(name);
    return;
  }
  std::string& out = lines_[std::string(name)];
  out.append(name).append(suffix);
  const char* before = "{";
  for (const auto& [label, text] : labels) {
    out.append(before).append(label).append("=\"");
    append_label_value(out, text);
    out += '"';
    before = ",";
  }
  if (!labels.empty()) out += '}';
  out += ' ' + number_text(value) + '\n';
}

std::string MetricsText::text() const {
  std::string out;
  for (const Metric& one : metric_table()) {
    const auto found = lines_.find(std::string_view(one.name));
    if (found == lines_.end()) continue;
    const std::string name = one.name;
    out += "# HELP " + name + " " + one.help + "\n# TYPE " + name + " " + one.type + "\n";
    out += found->second;
  }
  return out;
}

void RequestMetrics::count(std::string_view method, std::string_view route, int status,
                           double seconds) {
  const Route key{method, route};
  const std::lock_guard lock(mutex_);
  ++requests_[{key, status}];
  Duration& duration = durations_[key];
  duration.up_to.resize(std::size(duration_buckets));
  for (std::size_t i = 0; i < std::size(duration_buckets); ++i) {
    if (seconds <= duration_buckets[i]) ++duration.up_to[i];
  }
  duration.sum += seconds;
  ++duration.count;
}

void RequestMetrics::count_unauthorized() {
  const std::lock_guard lock(mutex_);
  ++unauthorized_;
}

void RequestMetrics::write(MetricsText& out) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : requests_) {
    const auto& [route, status] = key;
    const std::string code = std::to_string(status);
    out.add("rondom_http_requests_total",
            {{"method", route.first}, {"route", route.second}, {"status", code}},
            static_cast<double>(count));
  }
  for (const auto& [route, duration] : durations_) {
    const char* name = "rondom_http_request_duration_seconds";
    const MetricsText::Labels labels{{"method", route.first}, {"route", route.second}};
    for (std::size_t i = 0; i < duration.up_to.size(); ++i) {
      const std::string limit = number_text(duration_buckets[i]);
      MetricsText::Labels with_limit = labels;
      with_limit.emplace_back("le", limit);
      out.add(name, with_limit, static_cast<double>(duration.up_to[i]), "_bucket");
    }
    MetricsText::Labels all = labels;
    all.emplace_back("le", "+Inf");
    out.add(name, all, static_cast<double>(duration.count), "_bucket");
    out.add(name, labels, duration.sum, "_sum");
    out.add(name, labels, static_cast<double>(duration.count), "_count");
  }
  out.add("rondom_http_unauthorized_total", {}, static_cast<double>(unauthorized_));
}

}  // namespace rondom::service
