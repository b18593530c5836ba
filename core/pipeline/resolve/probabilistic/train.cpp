#include "pipeline/resolve/probabilistic/train.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "pipeline/resolve/probabilistic/blocking.h"
#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/frequencies.h"
#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::probabilistic {
namespace {

constexpr int em_rounds_max = 50;
constexpr double em_settled = 1e-5;
// The numbers of the given model weigh as so many pairs.
constexpr double u_pairs_before = 20;
// … and at least as those in which each level was seen once.
constexpr double u_events_before = 1;
constexpr double m_pairs_before = 200;
// A rule with fewer expected matches teaches nothing; above the second number it counts no more.
constexpr double rule_matches_min = 20;
constexpr double rule_matches_full = 5'000;
constexpr double probability_min = 1e-9;
constexpr double duplicates_least = 0.05, duplicates_most = 50;
constexpr double household_least = 0.001, household_most = 5;
constexpr std::size_t prior_pairs_max = 2'000'000;  // compared to estimate the priors
constexpr std::uint64_t sampling_seed = 0x5EED;

/// SplitMix64 (Steele, Lea, Flood 2014): which pairs are looked at depends on nothing but their number.
class Sampler {
 public:
  explicit Sampler(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }

 private:
  std::uint64_t state_;
};

/// Level numbers, four bits a comparison; 15 = silent.
using Pattern = std::uint64_t;
Pattern pattern_of(const Agreement& agreement, std::size_t comparisons) {
  Pattern pattern = 0;
  for (std::size_t i = 0; i < comparisons; ++i) {
    pattern |= Pattern{agreement.level[i] & 0xFu} << (4 * i);
  }
  return pattern;
}
std::size_t level_of(Pattern pattern, std::size_t comparison) {
  return pattern >> (4 * comparison) & 0xFu;
}
constexpr std::size_t silent_level = 0xF;

struct Counted {
  Pattern pattern;
  double count;
};

std::vector<Counted> sorted(const std::unordered_map<Pattern, std::int64_t>& counts) {
  std::vector<Counted> out;
  out.reserve(counts.size());
  for (const auto& [pattern, count] : counts) out.push_back({pattern, static_cast<double>(count)});
  std::sort(out.begin(), out.end(),
            [](const Counted& a, const Counted& b) { return a.pattern < b.pattern; });
  return out;
}

class Trainer {
 public:
  Trainer(const Model& model, const Features& features, std::size_t threads)
      : given_(model), features_(features), threads_(threads) {
    out_.model = model;
  }

  Training run() {
    const Blocks blocks(given_, features_, threads_);
    const std::vector<Counted> strangers = random_pairs();
    // What is a match does not count for u, u says what is a match, and how many there are says what a
    // common value is.
    constexpr int passes = 3;
    for (int pass = 0; pass < passes; ++pass) {
      count_values(out_.model, features_);
      learn_u(strangers);
      learn_m(blocks);
      keep_order();
      fit_household();
      learn_prior(blocks);
    }
    round_numbers();
    return std::move(out_);
  }

 private:
  using Table = std::array<std::array<double, 8>, comparisons_max>;

  std::vector<Counted> random_pairs() {
    std::unordered_map<Pattern, std::int64_t> counts;
    const std::uint32_t records = features_.size();
    Comparer comparer(given_, features_);
    Agreement agreement;
    const auto look = [&](std::uint32_t a, std::uint32_t b) {
      comparer.compare(std::min(a, b), std::max(a, b), agreement);
      ++counts[pattern_of(agreement, given_.comparisons.size())];
    };
    const std::uint64_t all = std::uint64_t{records} * (records - 1) / 2;
    if (records < 2) return {};
    if (all <= random_pairs_max) {
      for (std::uint32_t a = 0; a < records; ++a) {
        for (std::uint32_t b = a + 1; b < records; ++b) look(a, b);
      }
      return sorted(counts);
    }
    Sampler sampler(sampling_seed);
    for (std::size_t i = 0; i < random_pairs_max; ++i) {
      const std::uint32_t a = sampler.below(records);
      const std::uint32_t b = sampler.below(records);
      if (a != b) look(a, b);
    }
    return sorted(counts);
  }

  /// Likelihoods of a pattern for one person, strangers and housemates, without the comparisons of
  /// `left_out`.
  std::array<double, 3> likelihoods(Pattern pattern, const Model& model,
                                    std::uint32_t left_out) const {
    std::array<double, 3> product{1, 1, 1};
    for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
      const std::size_t number = level_of(pattern, i);
      if (number == silent_level || (left_out >> i & 1u) != 0) continue;
      const Level& level = model.comparisons[i].levels[number];
      product[0] *= level.m;
      product[1] *= level.u;
      product[2] *= level.household;
    }
    return product;
  }

  void learn_u(const std::vector<Counted>& strangers) {
    const double records = std::max<double>(2, features_.size());
    const double same = std::min(0.5, out_.model.duplicates_per_record / records);
    Table counts{};
    std::array<double, comparisons_max> totals{};
    for (const Counted& one : strangers) {
      const auto [m, u, household] = likelihoods(one.pattern, out_.model, 0);
      const double weight = one.count * (1 - same) * u / ((1 - same) * u + same * m);
      for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
        const std::size_t level = level_of(one.pattern, i);
        if (level == silent_level) continue;
        counts[i][level] += weight;
        totals[i] += weight;
      }
    }
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      double sum = 0;
      for (std::size_t level = 0; level < given_.comparisons[i].levels.size(); ++level) {
        // That nothing was seen says little of what is rarer than the pairs that were looked at.
        const double given = given_.comparisons[i].levels[level].u;
        const double before = std::max(u_pairs_before, u_events_before / given);
        double& u = out_.model.comparisons[i].levels[level].u;
        u = std::max(probability_min, (counts[i][level] + given * before) / (totals[i] + before));
        sum += u;
      }
      for (Level& level : out_.model.comparisons[i].levels) level.u /= sum;
    }
  }

  /// The comparisons that a blocking rule already fixes.
  std::uint32_t fixed_by(const BlockingRule& rule) const {
    std::uint32_t fixed = 0;
    const auto fix = [&](Kind kind) {
      for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
        if (given_.comparisons[i].kind == kind) fixed |= 1u << i;
      }
    };
    for (const Part part : rule.parts) {
      switch (part) {
        case Part::given:
        case Part::given_start_3:
        case Part::given_start_2: fix(Kind::given_name); break;
        case Part::surname:
        case Part::surname_start_4:
        case Part::surname_start_2: fix(Kind::surname); break;
        case Part::names:
          fix(Kind::given_name);
          fix(Kind::surname);
          break;
        case Part::birth_date:
        case Part::birth_year: fix(Kind::birth_date); break;
        case Part::email:
        case Part::email_local: fix(Kind::email); break;
        case Part::phone_tail: fix(Kind::phone); break;
        case Part::identifier: fix(Kind::identifier); break;
        case Part::street_number:
        case Part::postcode:
        case Part::locality:
          fix(Kind::address);
          fix(Kind::postcode);
          fix(Kind::locality);
          break;
        case Part::organization_name:
        case Part::organization_word:
        case Part::organization_start_5: fix(Kind::organization_name); break;
        case Part::website:
          for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
            if (given_.comparisons[i].attribute == attribute::website) fixed |= 1u << i;
          }
          break;
      }
    }
    return fixed;
  }

  std::vector<Counted> pairs_of_rule(const Blocks& blocks, std::size_t rule, std::int64_t& pairs) {
    std::unordered_map<Pattern, std::int64_t> counts;
    Comparer comparer(given_, features_);
    Agreement agreement;
    const std::int64_t all = blocks.counts()[rule].pairs;
    // Every n-th pair, so that the sample covers all blocks.
    const std::int64_t step = all / static_cast<std::int64_t>(rule_pairs_max) + 1;
    std::int64_t number = 0;
    pairs = 0;
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      if (blocks.rule_of_block(block) != rule) continue;
      blocks.all_pairs_of(block, [&](std::uint32_t a, std::uint32_t b) {
        if (number++ % step != 0) return;
        comparer.compare(a, b, agreement);
        ++counts[pattern_of(agreement, given_.comparisons.size())];
        ++pairs;
      });
    }
    return sorted(counts);
  }

  /// EM over the pairs of each training rule by itself: u stays, m and the shares of the rule are
  /// learned, its own fields are left out. One EM over all rules would call everything a match.
  void learn_m(const Blocks& blocks) {
    Table counts{};
    std::array<double, comparisons_max> totals{};
    out_.rules.clear();
    if (patterns_.empty()) patterns_.resize(given_.blocking.size());
    for (std::size_t rule = 0; rule < given_.blocking.size(); ++rule) {
      if (!given_.blocking[rule].train) continue;
      RuleTraining training;
      training.rule = given_.blocking[rule].name;
      if (patterns_[rule].counted.empty()) {
        patterns_[rule].counted = pairs_of_rule(blocks, rule, patterns_[rule].pairs);
      }
      training.pairs = patterns_[rule].pairs;
      learn_from(patterns_[rule].counted, fixed_by(given_.blocking[rule]), training, counts,
                 totals);
      out_.rules.push_back(std::move(training));
    }
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      for (std::size_t level = 0; level < given_.comparisons[i].levels.size(); ++level) {
        const double before = given_.comparisons[i].levels[level].m * m_pairs_before;
        out_.model.comparisons[i].levels[level].m =
            std::max(probability_min, (counts[i][level] + before) / (totals[i] + m_pairs_before));
      }
    }
  }

  void learn_from(const std::vector<Counted>& pairs, std::uint32_t left_out, RuleTraining& training,
                  Table& all_counts, std::array<double, comparisons_max>& all_totals) {
    if (pairs.empty()) return;
    Model model = out_.model;
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      for (std::size_t level = 0; level < given_.comparisons[i].levels.size(); ++level) {
        model.comparisons[i].levels[level].m = given_.comparisons[i].levels[level].m;
      }
    }
    double same = 0.5, household = given_.household_per_record > 0 ? 0.1 : 0;
    Table counts{};
    std::array<double, comparisons_max> totals{};
    double matches = 0;
    for (training.rounds = 1; training.rounds <= em_rounds_max; ++training.rounds) {
      counts = {};
      totals = {};
      double all = 0, housemates = 0;
      matches = 0;
      for (const Counted& one : pairs) {
        const auto [m, u, h] = likelihoods(one.pattern, model, left_out);
        const double sum = same * m + household * h + (1 - same - household) * u;
        const double weight = one.count * same * m / sum;
        matches += weight;
        housemates += one.count * household * h / sum;
        all += one.count;
        for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
          const std::size_t level = level_of(one.pattern, i);
          if (level == silent_level || (left_out >> i & 1u) != 0) continue;
          counts[i][level] += weight;
          totals[i] += weight;
        }
      }
      double change = 0;
      constexpr double share_max = 0.98;
      same = std::min(share_max, matches / all);
      household = std::min(share_max - std::min(same, share_max), housemates / all);
      for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
        if ((left_out >> i & 1u) != 0) continue;
        for (std::size_t level = 0; level < given_.comparisons[i].levels.size(); ++level) {
          const double before = given_.comparisons[i].levels[level].m * m_pairs_before;
          double& m = model.comparisons[i].levels[level].m;
          const double next =
              std::max(probability_min, (counts[i][level] + before) / (totals[i] + m_pairs_before));
          change = std::max(change, std::abs(next - m));
          m = next;
        }
      }
      if (change < em_settled) break;
    }
    training.same = same;
    training.household = household;
    training.used = matches >= rule_matches_min;
    if (!training.used) return;
    const double weight = std::min(1.0, rule_matches_full / matches);
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      for (std::size_t level = 0; level < counts[i].size(); ++level) {
        all_counts[i][level] += weight * counts[i][level];
      }
      all_totals[i] += weight * totals[i];
    }
  }

  /// A better level never weighs less than a worse one: neighbours in the wrong order share one ratio.
  void keep_order() {
    for (Comparison& comparison : out_.model.comparisons) {
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

  /// No labels tell what housemates have in common: that stays as given. But where a level is rarer
  /// here, it is so among housemates too: it never speaks more for them, against one person, than given.
  void fit_household() {
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      std::vector<Level>& levels = out_.model.comparisons[i].levels;
      double sum = 0;
      for (std::size_t level = 0; level < levels.size(); ++level) {
        const Level& given = given_.comparisons[i].levels[level];
        levels[level].household =
            std::max(probability_min,
                     std::min(given.household, levels[level].m * given.household / given.m));
        sum += levels[level].household;
      }
      levels.back().household = std::min(1.0, levels.back().household + std::max(0.0, 1 - sum));
    }
  }

  /// How many pairs are one person, and how many two of one household: as many as the candidates are
  /// expected to be, given the answer. A pair without evidence for either is neither.
  void learn_prior(const Blocks& blocks) {
    const Weights weights(out_.model, features_);
    struct Evidence {
      double same, household;
    };
    std::vector<Evidence> pairs;
    const std::int64_t step = blocks.pairs() / static_cast<std::int64_t>(prior_pairs_max) + 1;
    std::int64_t number = 0;
    Comparer comparer(given_, features_);
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
    const double records = std::max<double>(2, features_.size());
    double duplicates = given_.duplicates_per_record, household = given_.household_per_record;
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
      if (given_.household_per_record > 0) {
        household = std::clamp(scale * housemates, household_least, household_most);
      }
    }
    out_.prior_pairs = duplicates * records / 2;
    out_.model.duplicates_per_record = duplicates;
    out_.model.household_per_record = household;
    out_.model.records = features_.size();
  }

  /// As many digits as the text shows, so that the printed model is this model.
  void round_numbers() {
    config::Diagnostics diagnostics;
    Model read = parse_model(print_model(out_.model), "trained model", diagnostics);
    if (diagnostics.empty()) out_.model = std::move(read);
  }

  struct RulePairs {
    std::vector<Counted> counted;
    std::int64_t pairs = 0;
  };

  const Model& given_;
  const Features& features_;
  const std::size_t threads_;
  std::vector<RulePairs> patterns_;
  Training out_;
};

}  // namespace

Training train(const Model& model, const Features& features, std::size_t threads) {
  return Trainer(model, features, threads).run();
}

}  // namespace rondom::probabilistic
