#include "pipeline/merge/members.h"

#include <algorithm>
#include <numeric>

namespace rondom::merge {
namespace {

constexpr std::size_t cells_expected = 16;  // of one record; more only cost a reallocation

}  // namespace

Ranking::Ranking(const Rules::Inside& rules, const std::vector<Member>& members)
    : members_(members), order_(members.size()), recency_(members.size()), trust_(members.size()) {
  std::iota(order_.begin(), order_.end(), 0u);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const Member& x = members[a];
    const Member& y = members[b];
    if (x.observed_at != y.observed_at) return x.observed_at > y.observed_at;
    if (x.name != y.name) return x.name < y.name;
    return x.canonical < y.canonical;
  });
  for (std::uint32_t at = 0; at < order_.size(); ++at) recency_[order_[at]] = at;
  for (std::size_t at = 0; at < members.size(); ++at) {
    trust_[at] = rules.trust_of(members[at].source);
  }
}

int Ranking::compare_records(config::MergeRule kind, std::uint32_t a, std::uint32_t b) const {
  const Timestamp at_a = observed_at(a);
  const Timestamp at_b = observed_at(b);
  if (kind == config::MergeRule::first) {
    // A record without a time is no witness of having been first.
    if ((at_a == no_time) != (at_b == no_time)) return at_b == no_time ? -1 : 1;
    return at_a == at_b ? 0 : (at_a < at_b ? -1 : 1);
  }
  if (kind == config::MergeRule::trust && trust_[a] != trust_[b]) {
    return trust_[a] < trust_[b] ? -1 : 1;
  }
  return at_a == at_b ? 0 : (at_a > at_b ? -1 : 1);
}

bool Ranking::is_better(config::MergeRule kind, std::uint32_t a, std::uint32_t b) const {
  const int order = compare_records(kind, a, b);
  return order != 0 ? order < 0 : recency_[a] < recency_[b];
}

std::vector<Entry> collect(const std::vector<Member>& members, const Ranking& ranking) {
  std::vector<Entry> entries;
  entries.reserve(members.size() * cells_expected);
  for (const std::uint32_t member : ranking.by_recency()) {
    RecordReader reader(members[member].canonical);
    Entry entry;
    entry.member = member;
    while (reader.next(entry.cell)) {
      if (!entry.cell.value.empty()) entries.push_back(entry);
    }
  }
  if (members.size() > 1) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      if (a.cell.attribute != b.cell.attribute) return a.cell.attribute < b.cell.attribute;
      return a.cell.name < b.cell.name;
    });
  }
  return entries;
}

}  // namespace rondom::merge
