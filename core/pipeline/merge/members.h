// members: the records of one profile, ranked, and their cells laid out for the choices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pipeline/merge/merge.h"
#include "pipeline/merge/rules.h"

namespace rondom::merge {

/// What is too old to compete under a rule: older than the newest competitor by more than the
/// rule's stale_after. A record without a time is older than any. Relative to what competes and not
/// to today, so that merging stays a function of the records alone.
class Staleness {
 public:
  explicit Staleness(const CompiledRule& rule) : stale_after_(rule.stale_after) {}
  /// Every competitor is added before the first question.
  void add(Timestamp observed_at) { newest_ = std::max(newest_, observed_at); }
  bool is_stale(Timestamp observed_at) const {
    if (stale_after_ == 0 || newest_ == no_time) return false;
    return observed_at == no_time || observed_at < newest_ - stale_after_;
  }

 private:
  std::int64_t stale_after_;
  Timestamp newest_ = no_time;
};

/// One cell of one member.
struct Entry {
  Cell cell;
  std::uint32_t member = 0;
};

/// Where the members stand against one another. Pure data.
class Ranking {
 public:
  Ranking(const Rules::Inside& rules, const std::vector<Member>& members);

  /// Members from the most to the least recent.
  const std::vector<std::uint32_t>& by_recency() const { return order_; }
  std::uint32_t recency(std::uint32_t member) const { return recency_[member]; }  // 0 = newest
  std::uint32_t trust(std::uint32_t member) const { return trust_[member]; }  // 0 = most trusted
  Timestamp observed_at(std::uint32_t member) const { return members_[member].observed_at; }

  /// -1, 0 or 1 as `a` is better than, as good as or worse than `b` by a rule that ranks records as
  /// such: trust, first (oldest), or else the newest. Only trust and time count, not the name.
  int compare_records(config::MergeRule kind, std::uint32_t a, std::uint32_t b) const;
  /// As compare_records, ties by name: a total order.
  bool is_better(config::MergeRule kind, std::uint32_t a, std::uint32_t b) const;

 private:
  const std::vector<Member>& members_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> recency_;
  std::vector<std::uint32_t> trust_;
};

/// All cells that say something, sorted by (attribute, name), the newest member's first, each
/// member's by group.
std::vector<Entry> collect(const std::vector<Member>& members, const Ranking& ranking);

}  // namespace rondom::merge
