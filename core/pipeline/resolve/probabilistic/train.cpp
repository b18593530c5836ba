#include "pipeline/resolve/probabilistic/train.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pipeline/resolve/probabilistic/blocking.h"
#include "pipeline/resolve/probabilistic/frequencies.h"
#include "pipeline/resolve/probabilistic/train_pairs.h"
#include "pipeline/resolve/probabilistic/train_shares.h"

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

class Trainer {
 public:
  Trainer(const Model& model, const Features& features, std::size_t threads)
      : given_(model), features_(features), threads_(threads) {
    out_.model = model;
  }

  Training run() {
    const Blocks blocks(given_, features_, threads_);
    const std::vector<Counted> strangers = random_pairs(given_, features_);
    // What is a match does not count for u, u says what is a match, and how many there are says
    // what a common value is.
    constexpr int passes = 3;
    for (int pass = 0; pass < passes; ++pass) {
      count_values(out_.model, features_);
      learn_u(strangers);
      learn_m(blocks);
      keep_order(out_.model);
      fit_household(given_, out_.model);
      out_.prior_pairs = learn_prior(given_, features_, blocks, out_.model);
    }
    round_numbers();
    return std::move(out_);
  }

 private:
  using Table = std::array<std::array<double, 8>, comparisons_max>;

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
        patterns_[rule].counted =
            pairs_of_rule(given_, features_, blocks, rule, patterns_[rule].pairs);
      }
      training.pairs = patterns_[rule].pairs;
      learn_from(patterns_[rule].counted, fixed_by(given_, given_.blocking[rule]), training, counts,
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
