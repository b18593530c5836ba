// likeness: layer 2 of resolving (DESIGN §7): records that no identifier joined and that are one
// all the same. Starts from what solve() joined, and goes on with the pairs that a probabilistic
// model finds alike; every veto of layer 1 holds but the one on birth dates, which are evidence
// here: errors in them are common.
//
// One entity at a time. Order of the candidates, number of threads and record ids do not matter.
// Memory: some hundred bytes a record, plus 16 bytes for each pair worth a look; pairs that are
// compared and differ take none.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/resolve/probabilistic/blocking.h"
#include "pipeline/resolve/probabilistic/cluster.h"
#include "pipeline/resolve/probabilistic/train.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::resolve {

/// The identifiers that are evidence by these rules; `generic` (sorted hashes) are not. Both must
/// live as long.
probabilistic::Usable usable_identifiers(const Rules& rules,
                                         const std::vector<std::uint64_t>& generic);

/// Candidates of one entity in order of name, and what they say. Views into the caller's data.
class Likeness {
 public:
  /// `known_generic` and `decisions` as solve() takes them. The model must live as long; of it only
  /// what is compared and its blocking count here, so that it may be trained on these records
  /// afterwards.
  Likeness(const Rules& rules, const probabilistic::Model& model, std::vector<Candidate> candidates,
           std::span<const std::uint64_t> known_generic,
           std::span<const store::Decision> decisions = {});
  ~Likeness();

  const std::vector<Candidate>& candidates() const { return candidates_; }
  const probabilistic::Features& features() const { return *features_; }
  /// What solve() made of them: per candidate the first one of its group.
  const std::vector<std::uint32_t>& joined_by_identifiers() const { return seeds_; }

  /// Sorted: those known, and what solve() found to be shared by too many.
  const std::vector<std::uint64_t>& generic() const { return generic_; }

  struct Pairs {
    std::vector<probabilistic::ScoredPair> scored;  // from `least` on
    std::vector<probabilistic::RuleCount> rules;
    std::int64_t compared = 0;
  };
  /// `watch`, when given, sees every key of every record, and then how many blocks there are of
  /// each size.
  struct BlockWatch {
    probabilistic::Blocks::Entries entries;
    std::function<void(const probabilistic::BlockSizes&)> sizes;
  };
  Pairs compare(const probabilistic::Model& model, probabilistic::Millibits least,
                std::size_t threads, const BlockWatch* watch = nullptr) const;
  probabilistic::Clusters cluster(const probabilistic::Model& model, const Pairs& pairs,
                                  const probabilistic::ClusterRules& rules) const;

 private:
  struct Inside;
  const Rules& rules_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint32_t> seeds_;
  std::vector<std::uint64_t> generic_;
  std::unique_ptr<probabilistic::Features> features_;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::resolve
