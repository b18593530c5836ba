// cluster: scored pairs → groups, best pair first. Resists chaining: two groups join only when the
// mean evidence over all pairs between them passes, whether blocking found those pairs or not, and
// nothing forbids it. What is refused is kept with its reason.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/resolve/probabilistic/score.h"

namespace rondom::probabilistic {

/// What forbids a join whatever the evidence. Groups are named by one of their records.
class Vetoes {
 public:
  virtual ~Vetoes() = default;
  /// Why the groups of these two records must stay apart, or empty.
  virtual std::string refusal(std::uint32_t a, std::uint32_t b) = 0;
  /// They say of themselves what one person does not: two dates of birth. No veto by itself.
  virtual bool contradict(std::uint32_t, std::uint32_t) { return false; }
  /// Why these two records are no reason to join their groups, however rare it looks what they
  /// have in common; or empty.
  virtual std::string_view doubt(std::uint32_t, std::uint32_t) { return {}; }
  /// The group of `from` is now part of the group of `into`.
  virtual void joined(std::uint32_t into, std::uint32_t from) = 0;
};

/// Two records that may be one person and are in different groups.
struct PossibleSame {
  std::uint32_t a = 0, b = 0;
  Millibits bits = 0;  // of this pair
  Millibits mean = 0;  // of all pairs between the two groups; 0 with a veto
  std::string reason;  // of the veto or doubt; empty = the evidence was not enough
};

/// A join that was made: the tree of a profile.
struct Join {
  std::uint32_t a = 0, b = 0;  // the pair that led to it
  Millibits bits = 0, mean = 0;
};

struct Clusters {
  std::vector<std::uint32_t> group;  // per record: its group's smallest record
  std::vector<Join> joins;           // in order
  std::vector<PossibleSame> possible;
};

/// A record that is as much like a third one as this, or more, may be kept from a join by it.
inline constexpr Millibits rival_within = 1'200;

struct ClusterRules {
  Millibits start_at = 0;   // a pair leads to a join from here on
  Millibits review_at = 0;  // and is worth a look from here on
  Millibits mean_at = 0;
  Millibits pair_floor = 0, pair_ceiling = 0;
  /// A pair below decides of no join: what groups are is known without it.
  Millibits followed_at() const { return start_at - rival_within; }
};
ClusterRules rules_of(const Model& model);

/// Pairs between two groups that are looked at for their mean: all of them up to so many records a
/// side, the first by number beyond.
inline constexpr std::size_t members_compared_max = 48;

/// `group`: what is joined already, per record the smallest record of its group. `pairs` as
/// score_pairs() gives them; `evidence` scores any other pair.
Clusters cluster(std::vector<std::uint32_t> group, const std::vector<ScoredPair>& pairs,
                 const ClusterRules& rules, Vetoes& vetoes,
                 const std::function<Millibits(std::uint32_t, std::uint32_t)>& evidence);

}  // namespace rondom::probabilistic
