#include "pipeline/resolve/probabilistic/score.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <thread>

#include "pipeline/resolve/probabilistic/blocking.h"

namespace rondom::probabilistic {
namespace {

constexpr double thousand = 1000;
constexpr std::size_t pieces_per_thread = 16;
// Below this the household share of the evidence is less than a thousandth of a bit.
constexpr double household_negligible = -11;

}  // namespace

double probability(Millibits bits) {
  return 1 / (1 + std::exp2(-bits / thousand));
}

Millibits bits_of(double probability) {
  return millibits(probability / (1 - probability));
}

std::int64_t records_in_steps(std::int64_t records) {
  if (records <= 0) return 0;
  const auto step = std::bit_floor(static_cast<std::uint64_t>(records)) / 4;
  return step == 0 ? records : records - records % static_cast<std::int64_t>(step);
}

Weights::Weights(const Model& model, const Features& features) {
  const double records = static_cast<double>(
      std::max<std::int64_t>(2, model.records > 0 ? model.records : features.size()));
  const double same = std::min(0.5, model.duplicates_per_record / records);
  prior_ = millibits(same / (1 - same));
  household_prior_ = std::min(0.5, model.household_per_record / records) / (1 - same);
  levels_.resize(model.comparisons.size());
  shares_.resize(model.comparisons.size());
  best_.resize(model.comparisons.size());
  for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
    const Comparison& comparison = model.comparisons[i];
    for (const Level& level : comparison.levels) {
      levels_[i].push_back({millibits(level.m / level.u), millibits(level.household / level.u)});
    }
    const Frequencies& frequencies = comparison.frequencies;
    if (!comparison.by_frequency || frequencies.rest <= 0) continue;
    const Level& best = comparison.levels.front();
    best_[i] = {millibits(best.m), millibits(best.household)};
    const bool name = comparison.kind == Kind::given_name || comparison.kind == Kind::surname ||
                      comparison.kind == Kind::organization_name;
    const Dictionary& texts = name ? features.names() : features.words();
    shares_[i].assign(texts.size(), millibits(1 / frequencies.rest));
    const auto set = [&](TextId id, double share) { shares_[i][id] = millibits(1 / share); };
    if (texts.size() < frequencies.listed.size()) {  // a few records against a large model
      for (TextId id = 1; id < texts.size(); ++id) {
        const auto found = frequencies.listed.find(std::string(texts.text(id)));
        if (found != frequencies.listed.end()) set(id, found->second);
      }
      continue;
    }
    for (const auto& [value, share] : frequencies.listed) {
      const TextId id = texts.find(value);
      if (id != 0) set(id, share);
    }
  }
}

Weights::LevelWeight Weights::weight(std::size_t comparison, const Agreement& agreement) const {
  const LevelNumber level = agreement.level[comparison];
  const TextId value = agreement.value[comparison];
  if (level != 0 || value == 0 || shares_[comparison].empty()) return levels_[comparison][level];
  const Millibits rarity = shares_[comparison][value];
  return {best_[comparison].same + rarity, best_[comparison].household + rarity};
}

Millibits Weights::household_off(Millibits household) const {
  if (household_prior_ <= 0) return 0;
  const double exponent = std::log2(household_prior_) + household / thousand;
  if (exponent < household_negligible) return 0;
  return static_cast<Millibits>(std::lround(thousand * std::log2(1 + std::exp2(exponent))));
}

Weights::Sums Weights::sums(const Agreement& agreement) const {
  Sums sums;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (agreement.level[i] == silent) continue;
    const LevelWeight one = weight(i, agreement);
    sums.same += one.same;
    sums.household += one.household;
  }
  return sums;
}

Millibits Weights::evidence(const Agreement& agreement) const {
  const Sums both = sums(agreement);
  return both.same - household_off(both.household);
}

Score Weights::explain(const Agreement& agreement, const Model& model) const {
  Score score;
  score.prior = prior_;
  Sums together;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const LevelNumber level = agreement.level[i];
    if (level == silent) continue;
    const LevelWeight one = weight(i, agreement);
    together.same += one.same;
    together.household += one.household;
    score.lines.push_back({model.comparisons[i].name, model.comparisons[i].levels[level].name,
                           one.same, one.same - levels_[i][level].same});
  }
  score.household = household_off(together.household);
  score.total = score.prior + together.same - score.household;
  return score;
}

void sort_best_first(std::vector<ScoredPair>& pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const ScoredPair& a, const ScoredPair& b) {
    if (a.bits != b.bits) return a.bits > b.bits;
    return a.a != b.a ? a.a < b.a : a.b < b.b;
  });
}

std::vector<ScoredPair> score_pairs(const Model& model, const Features& features,
                                    const Weights& weights, const Blocks& blocks, Millibits least,
                                    std::size_t threads, std::int64_t& compared) {
  threads = std::max<std::size_t>(1, threads);
  const std::vector<std::size_t> ends = blocks.pieces(threads * pieces_per_thread);
  std::vector<std::vector<ScoredPair>> found(ends.size());
  std::vector<std::int64_t> counts(ends.size(), 0);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    Comparer comparer(model, features);
    Agreement agreement;
    for (std::size_t piece = next++; piece < ends.size(); piece = next++) {
      for (std::size_t block = piece == 0 ? 0 : ends[piece - 1]; block < ends[piece]; ++block) {
        blocks.pairs_of(block, [&](std::uint32_t a, std::uint32_t b, std::size_t rule) {
          comparer.compare(a, b, agreement);
          const Millibits bits = weights.prior() + weights.evidence(agreement);
          ++counts[piece];
          if (bits >= least) found[piece].push_back({a, b, bits, static_cast<std::uint8_t>(rule)});
        });
      }
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  std::vector<ScoredPair> pairs;
  compared = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    pairs.insert(pairs.end(), found[i].begin(), found[i].end());
    std::vector<ScoredPair>().swap(found[i]);
    compared += counts[i];
  }
  sort_best_first(pairs);
  return pairs;
}

}  // namespace rondom::probabilistic
