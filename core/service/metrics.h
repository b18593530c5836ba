// metrics: what the service counts, in the text format that Prometheus and its like read
// (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4).
//
// One table says what there is; a value without a line in it is not shown, and
// docs/reference/metrics.md is made from it. Labels have few values: jobs of the project, routes of
// the table, words of the code.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondom::service {

struct Metric {
  const char* name;
  const char* type;  // counter | gauge | histogram
  const char* help;
  std::vector<const char*> labels;
};
const std::vector<Metric>& metric_table();
/// docs/reference/metrics.md.
std::string metrics_reference();

/// Collects values and writes them. One thread.
class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;
  /// `suffix`: "_bucket", "_sum" or "_count" of a histogram.
  void add(std::string_view name, const Labels& labels, double value, std::string_view suffix = "");
  /// In the order of the table.
  std::string text() const;
  /// Names that the table does not have, for a test.
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  std::map<std::string, std::string, std::less<>> lines_;
  std::vector<std::string> unknown_;
};

/// How requests went. Any thread.
class RequestMetrics {
 public:
  void count(std::string_view method, std::string_view route, int status, double seconds);
  void count_unauthorized();
  void write(MetricsText& out) const;

 private:
  struct Duration {
    std::vector<std::int64_t> up_to;  // by bucket
    double sum = 0;
    std::int64_t count = 0;
  };
  using Route = std::pair<std::string, std::string>;
  mutable std::mutex mutex_;
  std::map<std::pair<Route, int>, std::int64_t> requests_;
  std::map<Route, Duration> durations_;
  std::int64_t unauthorized_ = 0;
};

}  // namespace rondom::service
