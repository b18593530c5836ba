// score: how much evidence there is that two records are one person, in thousandths of a bit.
//
// total = prior + the weights of the levels - household. A weight is log2(m / u), at the best level
// log2(m / the value's own share) where the model says so. Two people of one household share
// surname, address and telephone, which strangers do not: `household` is what remains of the
// evidence when that explains it as well, log2(1 + h 2^(sum of log2(household / u))) with h the
// prior of being housemates. Above zero a pair is more likely one person than not; probability = 1
// / (1 + 2^-bits).
#pragma once

#include <string_view>
#include <vector>

#include "pipeline/resolve/probabilistic/compare.h"

namespace rondom::probabilistic {

/// What one comparison adds, for explain. The weights of all lines, the prior and the household
/// line add up to the total exactly.
struct ScoreLine {
  std::string comparison, level;
  Millibits weight = 0;
  Millibits by_frequency =
      0;  // of which because the value is rarer or more common than the average
};
struct Score {
  Millibits total = 0, prior = 0, household = 0;  // household: what is taken off, 0 or more
  std::vector<ScoreLine> lines;
};

double probability(Millibits bits);
/// A model that was trained on no records counts on how many there are (Model::records). It does so
/// in steps of a quarter of the greatest power of two, downwards, so that one more record does not
/// change every decision.
std::int64_t records_in_steps(std::int64_t records);
Millibits bits_of(double probability);

/// The weights of a model for one set of records. Immutable, any thread.
class Weights {
 public:
  Weights(const Model& model, const Features& features);
  Millibits prior() const { return prior_; }
  /// Sum of weights, less household; without the prior.
  Millibits evidence(const Agreement& agreement) const;
  /// `model` as given to the constructor.
  /// The two sums of weights: for one person, and for two of one household.
  struct Sums {
    Millibits same = 0, household = 0;
  };
  Sums sums(const Agreement& agreement) const;
  Score explain(const Agreement& agreement, const Model& model) const;

 private:
  struct LevelWeight {
    Millibits same = 0, household = 0;
  };
  LevelWeight weight(std::size_t comparison, const Agreement& agreement) const;
  Millibits household_off(Millibits household) const;

  std::vector<std::vector<LevelWeight>> levels_;
  std::vector<std::vector<Millibits>> shares_;  // log2(1 / share) by value; empty = by level only
  std::vector<LevelWeight> best_;               // log2 of m and household of the best level alone
  Millibits prior_ = 0;
  double household_prior_ = 0;
};

/// A pair of records and its evidence, prior included.
struct ScoredPair {
  std::uint32_t a = 0, b = 0;  // a < b
  Millibits bits = 0;
  std::uint8_t rule = 0;  // first blocking rule that found it
};

/// Best first, then by record: the order in which they are clustered.
void sort_best_first(std::vector<ScoredPair>& pairs);

class Blocks;

/// All pairs of the blocks that reach `least`, best first, then by record. The same whatever the
/// number of threads. `compared` counts the pairs that were compared.
std::vector<ScoredPair> score_pairs(const Model& model, const Features& features,
                                    const Weights& weights, const Blocks& blocks, Millibits least,
                                    std::size_t threads, std::int64_t& compared);

}  // namespace rondom::probabilistic
