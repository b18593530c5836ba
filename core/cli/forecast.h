// forecast: what a store will take in a while, with what its project forgets and without.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/pace.h"
#include "config/config.h"

namespace rondom::cli {

inline constexpr std::array<std::int64_t, 3> forecast_days = {30, 90, 365};

struct KindForecast {
  std::string kind;
  store::Amount amount;
  std::int64_t kept = 0;                    // microseconds; 0 = for good
  std::optional<double> bytes_a_day;        // nothing: no pace can be told
  std::array<double, 3> with{}, without{};  // bytes after forecast_days, while nothing else changes
};

/// Every kind, in the order of `sizes`. Kinds that no run tells of grow as the records do.
std::vector<KindForecast> forecast(const store::Sizes& sizes, const config::Retention& retention,
                                   const std::vector<PastRun>& runs, Timestamp now);

}  // namespace rondom::cli
