#include "cli/pace.h"

#include <algorithm>

#include "model/json.h"

namespace rondom::cli {
namespace {

// From fewer no pace can be told.
constexpr std::size_t runs_for_a_pace = 3;
constexpr std::int64_t days_for_a_pace = 1;

/// Sums these counts of all streams of a report.
std::int64_t counted_in(const std::string& report, std::initializer_list<const char*> names) {
  JsonReader reader;
  Arena arena;
  const auto read = reader.parse(report, arena);
  std::int64_t kept = 0;
  const Value* const jobs = read.ok() && read->is_object() ? read->find("jobs") : nullptr;
  for (std::uint32_t i = 0; jobs != nullptr && jobs->is_list() && i < jobs->size(); ++i) {
    if (!jobs->item(i).is_object()) continue;
    const Value* const streams = jobs->item(i).find("streams");
    for (std::uint32_t k = 0; streams != nullptr && streams->is_list() && k < streams->size();
         ++k) {
      if (!streams->item(k).is_object()) continue;
      for (const char* name : names) {
        const Value* const count = streams->item(k).find(name);
        if (count != nullptr && count->type() == ValueType::integer) kept += count->as_integer();
      }
    }
  }
  return kept;
}

std::optional<double> a_day(const std::vector<PastRun>& runs, Timestamp now,
                            std::int64_t PastRun::*count) {
  if (runs.size() < runs_for_a_pace) return std::nullopt;
  const auto oldest = std::min_element(
      runs.begin(), runs.end(),
      [](const PastRun& a, const PastRun& b) { return a.started_at < b.started_at; });
  const double days =
      static_cast<double>(now - oldest->started_at) / static_cast<double>(microseconds_per_day);
  if (days < days_for_a_pace) return std::nullopt;
  std::int64_t sum = 0;
  for (const PastRun& run : runs) sum += &run == &*oldest ? 0 : run.*count;
  return static_cast<double>(sum) / days;
}

}  // namespace

PastRun past_run(const store::RunEntry& run) {
  return {run.started_at, counted_in(run.report_json, {"new", "changed"}),
          counted_in(run.report_json, {"new"})};
}

std::optional<double> records_a_day(const std::vector<PastRun>& runs, Timestamp now) {
  return a_day(runs, now, &PastRun::records_kept);
}

std::optional<double> new_records_a_day(const std::vector<PastRun>& runs, Timestamp now) {
  return a_day(runs, now, &PastRun::records_new);
}

}  // namespace rondom::cli
