#include "pipeline/resolve/probabilistic/train_pairs.h"

#include <algorithm>
#include <unordered_map>

#include "pipeline/resolve/probabilistic/train.h"

namespace rondom::probabilistic {
namespace {

constexpr std::uint64_t sampling_seed = 0x5EED;

/// SplitMix64 (Steele, Lea, Flood 2014): which pairs are looked at depends on nothing but their
/// number.
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

Pattern pattern_of(const Agreement& agreement, std::size_t comparisons) {
  Pattern pattern = 0;
  for (std::size_t i = 0; i < comparisons; ++i) {
    pattern |= Pattern{agreement.level[i] & 0xFu} << (4 * i);
  }
  return pattern;
}

std::vector<Counted> sorted(const std::unordered_map<Pattern, std::int64_t>& counts) {
  std::vector<Counted> out;
  out.reserve(counts.size());
  for (const auto& [pattern, count] : counts) out.push_back({pattern, static_cast<double>(count)});
  std::sort(out.begin(), out.end(),
            [](const Counted& a, const Counted& b) { return a.pattern < b.pattern; });
  return out;
}

}  // namespace

std::vector<Counted> random_pairs(const Model& model, const Features& features) {
  std::unordered_map<Pattern, std::int64_t> counts;
  const std::uint32_t records = features.size();
  Comparer comparer(model, features);
  Agreement agreement;
  const auto look = [&](std::uint32_t a, std::uint32_t b) {
    comparer.compare(std::min(a, b), std::max(a, b), agreement);
    ++counts[pattern_of(agreement, model.comparisons.size())];
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

std::vector<Counted> pairs_of_rule(const Model& model, const Features& features,
                                   const Blocks& blocks, std::size_t rule, std::int64_t& pairs) {
  std::unordered_map<Pattern, std::int64_t> counts;
  Comparer comparer(model, features);
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
      ++counts[pattern_of(agreement, model.comparisons.size())];
      ++pairs;
    });
  }
  return sorted(counts);
}

std::uint32_t fixed_by(const Model& model, const BlockingRule& rule) {
  std::uint32_t fixed = 0;
  const auto fix = [&](Kind kind) {
    for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
      if (model.comparisons[i].kind == kind) fixed |= 1u << i;
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
        for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
          if (model.comparisons[i].attribute == attribute::website) fixed |= 1u << i;
        }
        break;
    }
  }
  return fixed;
}

}  // namespace rondom::probabilistic
