#include "pipeline/resolve/probabilistic/cluster.h"

#include <algorithm>
#include <unordered_map>

namespace rondom::probabilistic {
namespace {

class Agglomeration {
 public:
  Agglomeration(std::vector<std::uint32_t> group, const ClusterRules& rules, Vetoes& vetoes,
                const std::function<Millibits(std::uint32_t, std::uint32_t)>& evidence,
                const std::vector<ScoredPair>& pairs)
      : rules_(rules),
        vetoes_(vetoes),
        evidence_(evidence),
        pairs_(pairs),
        parent_(std::move(group)) {
    members_.resize(parent_.size());
    for (std::uint32_t i = 0; i < parent_.size(); ++i) members_[parent_[i]].push_back(i);
  }

  Clusters run() {
    const std::vector<ScoredPair>& pairs = pairs_;
    list_by_record();
    std::size_t at = 0;
    for (; at < pairs.size() && pairs[at].bits >= rules_.start_at; ++at) consider(pairs[at]);
    Clusters out;
    report_possible(pairs, out);
    out.joins = std::move(joins_);
    out.group.resize(parent_.size());
    for (std::uint32_t root = 0; root < members_.size(); ++root) {
      for (const std::uint32_t member : members_[root]) out.group[member] = members_[root].front();
    }
    return out;
  }

 private:
  static constexpr std::size_t rivals_max = 16;
  static constexpr Millibits contradiction_outweighed_at = 2'000;

  void list_by_record() {
    ends_.assign(parent_.size() + 1, 0);
    for (const ScoredPair& pair : pairs_) ++ends_[pair.a + 1], ++ends_[pair.b + 1];
    for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
    std::vector<std::uint32_t> next(ends_.begin(), ends_.end() - 1);
    of_record_.resize(ends_.back());
    for (std::uint32_t i = 0; i < pairs_.size(); ++i) {
      of_record_[next[pairs_[i].a]++] = i;
      of_record_[next[pairs_[i].b]++] = i;
    }
  }

  /// Of two groups as they were when they were last compared.
  struct Verdict {
    std::uint32_t size_a = 0, size_b = 0;
    Millibits mean = 0;
    std::string veto;
  };

  std::uint32_t root_of(std::uint32_t record) {
    while (parent_[record] != record) {
      parent_[record] = parent_[parent_[record]];
      record = parent_[record];
    }
    return record;
  }

  /// Groups only grow and vetoes only gain, so a veto stays.
  const Verdict& judge(std::uint32_t a, std::uint32_t b) {
    if (a > b) std::swap(a, b);
    Verdict& verdict = verdicts_[std::uint64_t{a} << 32 | b];
    const auto size_a = static_cast<std::uint32_t>(members_[a].size());
    const auto size_b = static_cast<std::uint32_t>(members_[b].size());
    if (!verdict.veto.empty() || (verdict.size_a == size_a && verdict.size_b == size_b)) {
      return verdict;
    }
    verdict.size_a = size_a;
    verdict.size_b = size_b;
    verdict.veto = vetoes_.refusal(a, b);
    if (verdict.veto.empty()) verdict.mean = mean_between(members_[a], members_[b]);
    return verdict;
  }

  Millibits mean_between(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    const std::size_t rows = std::min(a.size(), members_compared_max);
    const std::size_t columns = std::min(b.size(), members_compared_max);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        sum += std::clamp(evidence_(std::min(a[i], b[j]), std::max(a[i], b[j])), rules_.pair_floor,
                          rules_.pair_ceiling);
      }
    }
    return static_cast<Millibits>(sum / static_cast<std::int64_t>(rows * columns));
  }

  /// A record may be as much like somebody else: the J. Bakker of a house where Jan and Jo live.
  /// Where those two contradict one another, it stays by itself.
  bool as_likely_another(const ScoredPair& pair, std::uint32_t record, std::uint32_t own,
                         std::uint32_t other) {
    const std::size_t first = ends_[record], last = ends_[record + 1];
    const std::size_t end = std::min(last, first + rivals_max);
    for (std::size_t at = first; at < end; ++at) {
      const ScoredPair& rival = pairs_[of_record_[at]];
      if (rival.bits < pair.bits - rival_within) break;
      const std::uint32_t third = root_of(rival.a == record ? rival.b : rival.a);
      if (third == own || third == other) continue;
      const Verdict& between = judge(third, other);
      if (!between.veto.empty()) return true;
      if (between.mean < contradiction_outweighed_at && vetoes_.contradict(third, other))
        return true;
    }
    return false;
  }

  void consider(const ScoredPair& pair) {
    const std::uint32_t a = root_of(pair.a), b = root_of(pair.b);
    if (a == b || !vetoes_.doubt(pair.a, pair.b).empty()) return;
    const Verdict& verdict = judge(a, b);
    if (!verdict.veto.empty() || verdict.mean < rules_.mean_at) return;
    const Millibits mean = verdict.mean;
    if (as_likely_another(pair, pair.a, a, b) || as_likely_another(pair, pair.b, b, a)) return;
    joins_.push_back({pair.a, pair.b, pair.bits, mean});
    const bool larger = members_[a].size() >= members_[b].size();
    const std::uint32_t into = larger ? a : b, from = larger ? b : a;
    vetoes_.joined(into, from);
    parent_[from] = into;
    const auto middle = static_cast<std::ptrdiff_t>(members_[into].size());
    members_[into].insert(members_[into].end(), members_[from].begin(), members_[from].end());
    std::inplace_merge(members_[into].begin(), members_[into].begin() + middle,
                       members_[into].end());
    std::vector<std::uint32_t>().swap(members_[from]);
  }

  /// One line for each two groups: their best pair.
  void report_possible(const std::vector<ScoredPair>& pairs, Clusters& out) {
    std::unordered_map<std::uint64_t, bool> told;
    for (const ScoredPair& pair : pairs) {
      if (pair.bits < rules_.review_at) break;
      std::uint32_t a = root_of(pair.a), b = root_of(pair.b);
      if (a == b) continue;
      if (a > b) std::swap(a, b);
      if (!told.emplace(std::uint64_t{a} << 32 | b, true).second) continue;
      const Verdict& verdict = judge(a, b);
      const bool vetoed = !verdict.veto.empty();
      std::string reason = verdict.veto;
      if (!vetoed && pair.bits >= rules_.start_at) {
        reason = vetoes_.doubt(pair.a, pair.b);
        if (reason.empty()) {
          reason = verdict.mean < rules_.mean_at ? "the others of the two groups are less alike"
                                                 : "as much like somebody else";
        }
      }
      out.possible.push_back(
          {pair.a, pair.b, pair.bits, vetoed ? 0 : verdict.mean, std::move(reason)});
    }
  }

  const ClusterRules& rules_;
  Vetoes& vetoes_;
  const std::function<Millibits(std::uint32_t, std::uint32_t)>& evidence_;
  const std::vector<ScoredPair>& pairs_;         // best first
  std::vector<std::uint32_t> ends_, of_record_;  // the pairs of each record, best first
  std::vector<std::uint32_t> parent_;
  std::vector<std::vector<std::uint32_t>> members_;  // sorted; at the root
  std::unordered_map<std::uint64_t, Verdict> verdicts_;
  std::vector<Join> joins_;
};

}  // namespace

ClusterRules rules_of(const Model& model) {
  constexpr double thousand = 1000;
  return {bits_of(model.merge_at), bits_of(model.review_at),
          static_cast<Millibits>(model.mean_at * thousand),
          static_cast<Millibits>(model.pair_floor * thousand),
          static_cast<Millibits>(model.pair_ceiling * thousand)};
}

Clusters cluster(std::vector<std::uint32_t> group, const std::vector<ScoredPair>& pairs,
                 const ClusterRules& rules, Vetoes& vetoes,
                 const std::function<Millibits(std::uint32_t, std::uint32_t)>& evidence) {
  return Agglomeration(std::move(group), rules, vetoes, evidence, pairs).run();
}

}  // namespace rondom::probabilistic
