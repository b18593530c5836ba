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
    tells_housemates_ = tells_housemates(model);
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

  /// EM over the pairs of each training rule by itself: u stays; m, what housemates have in common
  /// and the shares of the rule are learned, its own fields are left out. One EM over all rules
  /// would call everything a match.
  void learn_m(const Blocks& blocks) {
    Seen same, housemates;
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
      learn_from(patterns_[rule].counted, fixed_by(given_, given_.blocking[rule]), training, same,
                 housemates);
      out_.rules.push_back(std::move(training));
    }
    learn(same, housemates, 0, out_.model);
  }

  /// How often each level was seen with what is one person, or one household.
  struct Seen {
    Table counts{};
    std::array<double, comparisons_max> totals{};
    void add(const Seen& other, double weight) {
      for (std::size_t i = 0; i < counts.size(); ++i) {
        for (std::size_t level = 0; level < counts[i].size(); ++level) {
          counts[i][level] += weight * other.counts[i][level];
        }
        totals[i] += weight * other.totals[i];
      }
    }
    double share(std::size_t comparison, std::size_t level, double given) const {
      return std::max(probability_min, (counts[comparison][level] + given * m_pairs_before) /
                                           (totals[comparison] + m_pairs_before));
    }
  };

  /// Takes over what was seen, and returns by how much m changed at most. Two people of one house
  /// are told from one person by what is their own, so that those shares stay for housemates.
  double learn(const Seen& same, const Seen& housemates, std::uint32_t left_out, Model& model) {
    double change = 0;
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      if ((left_out >> i & 1u) != 0) continue;
      const Comparison& given = given_.comparisons[i];
      const bool house_too = tells_housemates_ && !is_ones_own(given.kind);
      for (std::size_t level = 0; level < given.levels.size(); ++level) {
        Level& of = model.comparisons[i].levels[level];
        const double m = same.share(i, level, given.levels[level].m);
        change = std::max(change, std::abs(m - of.m));
        of.m = m;
        if (house_too) {
          of.household = housemates.share(i, level, given.levels[level].household);
        }
      }
      if (house_too) keep_together(given, model.comparisons[i]);
    }
    return change;
  }

  /// Half of the couples bear two surnames, and twins one: where housemates are told from one
  /// person at all, they have as much in common as was given.
  static void keep_together(const Comparison& given, Comparison& learned) {
    Level& best = learned.levels.front();
    const double least = given.levels.front().household;
    if (best.household >= least) return;
    const double rest = (1 - least) / (1 - best.household);
    for (Level& level : learned.levels) level.household *= rest;
    best.household = least;
  }

  void learn_from(const std::vector<Counted>& pairs, std::uint32_t left_out, RuleTraining& training,
                  Seen& all_same, Seen& all_housemates) {
    if (pairs.empty()) return;
    Model model = out_.model;
    for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
      const bool own = is_ones_own(given_.comparisons[i].kind);
      for (std::size_t level = 0; level < given_.comparisons[i].levels.size(); ++level) {
        const Level& before = given_.comparisons[i].levels[level];
        Level& of = model.comparisons[i].levels[level];
        of.m = before.m;
        if (!own) of.household = before.household;
      }
    }
    double same = 0.5, household = given_.household_per_record > 0 ? 0.1 : 0;
    Seen one_person, one_house;
    double matches = 0;
    for (training.rounds = 1; training.rounds <= em_rounds_max; ++training.rounds) {
      one_person = {};
      one_house = {};
      double all = 0, in_house = 0;
      matches = 0;
      for (const Counted& one : pairs) {
        const auto [m, u, h] = likelihoods(one.pattern, model, left_out);
        const double sum = same * m + household * h + (1 - same - household) * u;
        const double person = one.count * same * m / sum;
        const double house = one.count * household * h / sum;
        matches += person;
        in_house += house;
        all += one.count;
        for (std::size_t i = 0; i < given_.comparisons.size(); ++i) {
          const std::size_t level = level_of(one.pattern, i);
          if (level == silent_level || (left_out >> i & 1u) != 0) continue;
          one_person.counts[i][level] += person;
          one_person.totals[i] += person;
          one_house.counts[i][level] += house;
          one_house.totals[i] += house;
        }
      }
      constexpr double share_max = 0.98;
      same = std::min(share_max, matches / all);
      household = std::min(share_max - std::min(same, share_max), in_house / all);
      if (learn(one_person, one_house, left_out, model) < em_settled) break;
    }
    training.same = same;
    training.household = household;
    training.used = matches >= rule_matches_min;
    if (!training.used) return;
    all_same.add(one_person, std::min(1.0, rule_matches_full / matches));
    const double housemates = matches * household / same;
    all_housemates.add(one_house, std::min(1.0, rule_matches_full / std::max(1.0, housemates)));
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
  bool tells_housemates_ = false;
  std::vector<RulePairs> patterns_;
  Training out_;
};

}  // namespace

Training train(const Model& model, const Features& features, std::size_t threads) {
  return Trainer(model, features, threads).run();
}

}  // namespace rondom::probabilistic
