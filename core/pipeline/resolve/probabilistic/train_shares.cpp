#include "pipeline/resolve/probabilistic/train_shares.h"

#include <algorithm>
#include <cmath>

#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::probabilistic {
namespace {

constexpr double duplicates_least = 0.05, duplicates_most = 50;
constexpr double household_least = 0.001, household_most = 5;
constexpr std::size_t prior_pairs_max = 2'000'000;  // compared to estimate the priors

}  // namespace

void keep_order(Model& model) {
  for (Comparison& comparison : model.comparisons) {
    struct Pool {
      double m, u;
      std::size_t first, last;
    };
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < comparison.levels.size(); ++i) {
      // Crossed names speak for the surname as well: they may weigh more than the given name alone.
      if (comparison.levels[i].name == "swapped") continue;
      pools.push_back({comparison.levels[i].m, comparison.levels[i].u, i, i + 1});
      while (pools.size() > 1) {
        Pool& better = pools[pools.size() - 2];
        const Pool& worse = pools.back();
        if (better.m * worse.u >= worse.m * better.u) break;
        better = {better.m + worse.m, better.u + worse.u, better.first, worse.last};
        pools.pop_back();
      }
    }
    for (const Pool& pool : pools) {
      for (std::size_t i = pool.first; i < pool.last; ++i) {
        if (comparison.levels[i].name == "swapped") continue;
        comparison.levels[i].m =
            std::max(probability_min, pool.m / pool.u * comparison.levels[i].u);
      }
    }
  }
}

bool is_ones_own(Kind kind) {
  return kind == Kind::given_name || kind == Kind::birth_date || kind == Kind::identifier;
}

bool tells_housemates(const Model& model) {
  return std::any_of(model.comparisons.begin(), model.comparisons.end(),
                     [](const Comparison& one) { return one.kind == Kind::given_name; });
}

void fit_household(const Model& given, Model& model) {
  const bool learned = tells_housemates(given);
  for (std::size_t i = 0; i < given.comparisons.size(); ++i) {
    if (learned && !is_ones_own(given.comparisons[i].kind)) continue;
    std::vector<Level>& levels = model.comparisons[i].levels;
    double sum = 0;
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const Level& before = given.comparisons[i].levels[level];
      levels[level].household =
          std::max(probability_min,
                   std::min(before.household, levels[level].m * before.household / before.m));
      sum += levels[level].household;
    }
    levels.back().household = std::min(1.0, levels.back().household + std::max(0.0, 1 - sum));
  }
}

double learn_prior(const Model& given, const Features& features, const Blocks& blocks,
                   Model& model) {
  const Weights weights(model, features);
  struct Evidence {
    double same, household;
  };
  std::vector<Evidence> pairs;
  const std::int64_t step = blocks.pairs() / static_cast<std::int64_t>(prior_pairs_max) + 1;
  std::int64_t number = 0;
  Comparer comparer(given, features);
  Agreement agreement;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    blocks.pairs_of(block, [&](std::uint32_t a, std::uint32_t b, std::size_t) {
      if (number++ % step != 0) return;
      comparer.compare(a, b, agreement);
      const Weights::Sums sums = weights.sums(agreement);
      if (sums.same <= 0 && sums.household <= 0) return;
      pairs.push_back({std::exp2(sums.same / 1000.0), std::exp2(sums.household / 1000.0)});
    });
  }
  const double records = std::max<double>(2, features.size());
  double duplicates = given.duplicates_per_record, household = given.household_per_record;
  constexpr int rounds = 50;
  for (int round = 0; round < rounds; ++round) {
    double same = 0, housemates = 0;
    for (const Evidence& pair : pairs) {
      const double one = duplicates / records * pair.same;
      const double two = household / records * pair.household;
      same += one / (one + two + 1);
      housemates += two / (one + two + 1);
    }
    const double scale = 2 * static_cast<double>(step) / records;
    duplicates = std::clamp(scale * same, duplicates_least, duplicates_most);
    if (given.household_per_record > 0) {
      household = std::clamp(scale * housemates, household_least, household_most);
    }
  }
  model.duplicates_per_record = duplicates;
  model.household_per_record = household;
  model.records = features.size();
  return duplicates * records / 2;
}

}  // namespace rondom::probabilistic
