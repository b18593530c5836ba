#include "cli/forecast.h"

#include <algorithm>

namespace rondom::cli {
namespace {

double share_before(const std::vector<Timestamp>& at, Timestamp cutoff) {
  if (at.empty()) return 0;
  const auto older = std::lower_bound(at.begin(), at.end(), cutoff) - at.begin();
  return static_cast<double>(older) / static_cast<double>(at.size());
}

void look_ahead(KindForecast& kind, const std::vector<Timestamp>& at, Timestamp now) {
  const double bytes = static_cast<double>(kind.amount.bytes);
  const double a_day = kind.bytes_a_day.value_or(0);
  for (std::size_t i = 0; i < forecast_days.size(); ++i) {
    const auto days = static_cast<double>(forecast_days[i]);
    kind.without[i] = bytes + a_day * days;
    kind.with[i] = kind.without[i];
    if (kind.kept == 0) continue;
    const Timestamp cutoff = now + forecast_days[i] * microseconds_per_day - kind.kept;
    const double kept_days =
        static_cast<double>(kind.kept) / static_cast<double>(microseconds_per_day);
    kind.with[i] -= bytes * share_before(at, cutoff) + a_day * std::max(0.0, days - kept_days);
  }
}

double bytes_of_each(const store::Amount& amount) {
  return amount.rows > 0 ? static_cast<double>(amount.bytes) / static_cast<double>(amount.rows) : 0;
}

}  // namespace

std::vector<KindForecast> forecast(const store::Sizes& sizes, const config::Retention& retention,
                                   const std::vector<PastRun>& runs, Timestamp now) {
  const std::optional<double> new_records = new_records_a_day(runs, now);
  double records = 0, activities_among_new = 0;
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    const store::HistorySize& size = sizes.history[kind];
    activities_among_new += size.newest;
    if (kind <= static_cast<std::size_t>(store::History::survey_answers)) {
      records += static_cast<double>(size.amount.rows);
    }
  }
  const double people = sizes.rest.empty() ? 0 : static_cast<double>(sizes.rest[0].second.rows);
  records += people;
  const auto grows = [&](double of, double in_all) -> std::optional<double> {
    if (!new_records) return std::nullopt;
    return in_all > 0 ? *new_records * of / in_all : 0;
  };
  std::vector<KindForecast> out;
  for (std::size_t kind = 0; kind < store::history_count; ++kind) {
    const store::HistorySize& size = sizes.history[kind];
    KindForecast& one = out.emplace_back();
    one.kind = store::to_text(static_cast<store::History>(kind));
    one.amount = size.amount;
    one.kept = (retention.*config::Retention::kinds()[kind].second).kept;
    const auto which = static_cast<store::History>(kind);
    if (which <= store::History::survey_answers) {
      one.bytes_a_day = grows(size.newest * bytes_of_each(size.amount), 1);
    } else if (which == store::History::runs && new_records && !runs.empty()) {
      Timestamp first = now;
      for (const PastRun& run : runs) first = std::min(first, run.started_at);
      const double days =
          static_cast<double>(now - first) / static_cast<double>(microseconds_per_day);
      one.bytes_a_day = static_cast<double>(runs.size()) / days * bytes_of_each(size.amount);
    } else {
      one.bytes_a_day = grows(static_cast<double>(size.amount.bytes), records);
    }
    look_ahead(one, size.at, now);
  }
  for (const auto& [name, amount] : sizes.rest) {
    KindForecast& one = out.emplace_back();
    one.kind = name;
    one.amount = amount;
    // With the people, as long as some of what is new is people.
    one.bytes_a_day = grows((1 - activities_among_new) * static_cast<double>(amount.bytes), people);
    look_ahead(one, {}, now);
  }
  return out;
}

}  // namespace rondom::cli
