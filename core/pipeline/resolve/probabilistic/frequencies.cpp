#include "pipeline/resolve/probabilistic/frequencies.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "pipeline/resolve/probabilistic/train.h"

namespace rondom::probabilistic {
namespace {

constexpr double unseen_value = 0.5;  // records of others, of a value that one person alone has
constexpr std::int64_t listed_records_min = 5;  // a rarer value is not told from other rare ones

}  // namespace

void count_values(Model& model, const Features& features) {
  const double own = 1 + model.duplicates_per_record;
  const auto others = [own](std::int64_t records) {
    return std::max(unseen_value, static_cast<double>(records) - own);
  };
  for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
    Comparison& comparison = model.comparisons[i];
    comparison.frequencies = {};
    if (!comparison.by_frequency) continue;
    std::unordered_map<TextId, std::int64_t> counts;
    std::int64_t total = 0;
    for (std::uint32_t record = 0; record < features.size(); ++record) {
      const TextId value = features.main_value(i, record);
      if (value == 0) continue;
      ++counts[value];
      ++total;
    }
    if (total == 0) continue;
    std::vector<std::pair<std::int64_t, std::string>> common;
    for (const auto& [value, count] : counts) {
      if (count >= listed_records_min) {
        common.emplace_back(-count, std::string(features.value_text(i, value)));
      }
    }
    std::sort(common.begin(), common.end());
    if (common.size() > listed_values_max) common.resize(listed_values_max);
    const double all = static_cast<double>(total);
    for (const auto& [count, value] : common) {
      comparison.frequencies.listed[value] = std::min(1.0, others(-count) / all);
    }
    const std::int64_t least_listed =
        common.size() < listed_values_max ? listed_records_min : 1 - common.back().first;
    std::int64_t rest = 0;
    std::map<std::int64_t, std::int64_t> rest_values;  // by count: the sum is the same in any order
    for (const auto& [value, count] : counts) {
      if (count >= least_listed) continue;
      rest += count;
      ++rest_values[count];
    }
    double shares = 0;
    for (const auto& [count, values] : rest_values) {
      shares += static_cast<double>(values * count) * others(count) / all;
    }
    comparison.frequencies.rest =
        rest == 0 ? unseen_value / all : shares / static_cast<double>(rest);
  }
}

}  // namespace rondom::probabilistic
