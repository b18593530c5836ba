#include <algorithm>
#include <numeric>
#include <tuple>

#include "pipeline/resolve/facts.h"
#include "pipeline/resolve/resolve.h"

namespace rondom::resolve {
namespace {

/// Clusters that one value can reach and not join are compared with each new record up to here;
/// further ones stay apart. Keeps a value with very many vetoed records linear.
constexpr std::size_t clusters_per_value_max = 4 * limits::people_per_identifier_max;
/// Edges that explain one blocked or generic value.
constexpr std::uint32_t evidence_edges_per_value_max = 100;
constexpr std::size_t arena_block_bytes = 1024;

/// One record carries one value of a declared namespace.
struct Carried {
  int priority = 0;
  std::string_view value;
  std::uint32_t rank = 0;  // of the record, by name
  bool operator==(const Carried&) const = default;
  bool operator<(const Carried& other) const {
    if (priority != other.priority) return priority < other.priority;
    if (const int order = value.compare(other.value); order != 0) return order < 0;
    return rank < other.rank;
  }
};

/// The records of one value: carried_[first, last).
struct Group {
  std::uint32_t first = 0, last = 0;
  std::uint32_t size() const { return last - first; }
};

/// Works on ranks (records in order of name) throughout; the caller's indexes come back at the end.
class Solver {
 public:
  Solver(const Rules& rules, const std::vector<Candidate>& candidates, bool explain,
         std::span<const std::uint64_t> known_generic, std::span<const store::Decision> decisions)
      : rules_(rules),
        candidates_(candidates),
        explain_(explain),
        known_generic_(known_generic),
        all_decisions_(decisions),
        arena_(arena_block_bytes) {}

  Solution run();

 private:
  void rank_records();
  void collect_values();
  bool anything_to_join() const;
  void collect_facts();
  void place_decisions();
  void join_as_said();
  void connect(const Group& group);
  bool join_one_of(std::uint32_t rank, const Group& group, Shared shared);
  void refuse(std::uint32_t a, std::uint32_t b, const Group& group, std::string reason);
  void report_generic(const Group& group, std::int64_t people);
  void explain_apart(const Group& group, const std::string& reason);
  void join(std::uint32_t a, std::uint32_t b);
  std::uint32_t root_of(std::uint32_t rank);
  void number_clusters();
  void add_edge(std::uint32_t a, std::uint32_t b, const Group& group, std::string refused);
  std::int64_t count_people(const Group& group);
  bool is_blocked(const Group& group) const { return rules_.is_blocked(rule(group), value(group)); }
  bool is_known_generic(const Group& group) const;
  const Rules::Namespace& rule(const Group& group) const {
    return rules_.by_priority(carried_[group.first].priority);
  }
  std::string_view value(const Group& group) const { return carried_[group.first].value; }
  const Candidate& record(std::uint32_t rank) const { return candidates_[order_[rank]]; }

  const Rules& rules_;
  const std::vector<Candidate>& candidates_;
  const bool explain_;
  const std::span<const std::uint64_t> known_generic_;
  const std::span<const store::Decision> all_decisions_;
  Arena arena_;
  std::vector<PlacedDecision> decisions_;  // about two of these records, by rank
  std::vector<std::uint32_t> order_;       // rank -> index of the candidate
  std::vector<Carried> carried_;
  std::vector<Group> groups_;
  std::vector<Facts> facts_;           // by rank; of the whole cluster at its root
  std::vector<std::uint32_t> parent_;  // by rank
  std::vector<std::uint32_t> members_;
  std::vector<std::pair<int, std::uint32_t>> in_turn_;  // the ranks of a value
  std::vector<std::uint32_t> reached_;   // one rank for each cluster that the value reached
  std::vector<std::uint32_t> may_take_;  // … and that may take a record
  std::vector<std::pair<std::uint32_t, std::string>> refused_;
  Solution solution_;
};

void Solver::rank_records() {
  order_.resize(candidates_.size());
  std::iota(order_.begin(), order_.end(), 0u);
  std::sort(order_.begin(), order_.end(), [this](std::uint32_t left, std::uint32_t right) {
    const Candidate& a = candidates_[left];
    const Candidate& b = candidates_[right];
    if (const int order = a.name.compare(b.name); order != 0) return order < 0;
    return std::tie(a.entity, a.canonical) < std::tie(b.entity, b.canonical);
  });
}

void Solver::collect_values() {
  carried_.reserve(candidates_.size() * 4);
  for (std::uint32_t rank = 0; rank < order_.size(); ++rank) {
    for_each_identifier(record(rank).canonical, [&](std::string_view space, std::string_view text) {
      const Rules::Namespace* found = rules_.find(space);
      if (found == nullptr || text.empty()) return;
      if (found->strength == config::IdentifierClass::weak && !found->is_counted()) return;
      carried_.push_back({found->priority, text, rank});
    });
  }
  std::sort(carried_.begin(), carried_.end());
  carried_.erase(std::unique(carried_.begin(), carried_.end()), carried_.end());
  for (std::uint32_t at = 0; at < carried_.size();) {
    Group group{at, at + 1};
    while (group.last < carried_.size() && carried_[group.last].priority == carried_[at].priority &&
           carried_[group.last].value == carried_[at].value) {
      ++group.last;
    }
    groups_.push_back(group);
    at = group.last;
  }
}

void Solver::place_decisions() {
  if (all_decisions_.empty()) return;
  std::vector<std::pair<store::RecordId, std::uint32_t>> records;
  records.reserve(order_.size());
  for (std::uint32_t rank = 0; rank < order_.size(); ++rank) {
    records.emplace_back(record(rank).id, rank);
  }
  std::sort(records.begin(), records.end());
  decisions_ = placed_decisions(all_decisions_, records);
}

bool Solver::anything_to_join() const {
  if (std::any_of(decisions_.begin(), decisions_.end(),
                  [](const PlacedDecision& decision) { return decision.same; })) {
    return true;
  }
  return std::any_of(groups_.begin(), groups_.end(), [this](const Group& group) {
    return group.size() > 1 && rule(group).strength != config::IdentifierClass::weak;
  });
}

bool Solver::is_known_generic(const Group& group) const {
  if (known_generic_.empty()) return false;
  return std::binary_search(known_generic_.begin(), known_generic_.end(),
                            identifier_hash(rule(group).name, value(group)));
}

std::int64_t Solver::count_people(const Group& group) {
  PeopleCount count(rule(group).name);
  for (std::uint32_t at = group.first; at < group.last; ++at) {
    const Facts& facts = facts_[carried_[at].rank];
    count.add(record(carried_[at].rank).entity, facts.signature);
  }
  return static_cast<std::int64_t>(count.people());
}

/// Reads what decides about joining, and takes blocked and generic values out of the groups.
void Solver::collect_facts() {
  facts_.reserve(order_.size());
  const bool needs_people = order_.size() > limits::people_per_identifier_max ||
                            std::any_of(groups_.begin(), groups_.end(), [this](const Group& group) {
                              return is_known_generic(group);
                            });
  for (std::uint32_t rank = 0; rank < order_.size(); ++rank) {
    facts_.push_back(facts_of(record(rank), needs_people, arena_));
    const int stream = rules_.one_record_stream(record(rank).source_and_stream);
    if (stream >= 0) facts_[rank].single_streams.insert(static_cast<std::uint32_t>(stream));
  }
  mark_decisions(decisions_, facts_);
  std::size_t kept = 0;
  for (std::uint32_t number = 0; number < groups_.size(); ++number) {
    const Group group = groups_[number];
    if (is_blocked(group)) {
      if (explain_) explain_apart(group, "blocked value");
      continue;
    }
    if (rule(group).strength != config::IdentifierClass::weak) {
      const bool many = group.size() > limits::people_per_identifier_max;
      const bool known = is_known_generic(group);
      const std::int64_t people = many || known ? count_people(group) : 0;
      if (known || people > static_cast<std::int64_t>(limits::people_per_identifier_max)) {
        report_generic(group, people);
        continue;
      }
    }
    if (rule(group).is_counted()) {
      for (std::uint32_t at = group.first; at < group.last; ++at) {
        facts_[carried_[at].rank].values.insert(numbered_value(carried_[at].priority, number));
      }
    }
    groups_[kept++] = group;
  }
  groups_.resize(kept);
}

void Solver::report_generic(const Group& group, std::int64_t people) {
  if (group.size() < 2) return;
  store::GenericIdentifier generic;
  generic.identifier = identifier_hash(rule(group).name, value(group));
  generic.name_space = rule(group).name;
  generic.value = std::string(value(group));
  generic.records = group.size();
  generic.people = people;
  if (explain_) {
    explain_apart(group, "shared by " + std::to_string(people) + " people: joins nobody");
  }
  solution_.generic.push_back(std::move(generic));
}

void Solver::explain_apart(const Group& group, const std::string& reason) {
  if (rule(group).strength == config::IdentifierClass::weak) return;
  const std::uint32_t last = std::min(group.last, group.first + 1 + evidence_edges_per_value_max);
  for (std::uint32_t at = group.first + 1; at < last; ++at) {
    add_edge(carried_[group.first].rank, carried_[at].rank, group, reason);
  }
}

std::uint32_t Solver::root_of(std::uint32_t rank) {
  while (parent_[rank] != rank) {
    parent_[rank] = parent_[parent_[rank]];
    rank = parent_[rank];
  }
  return rank;
}

void Solver::join(std::uint32_t a, std::uint32_t b) {
  if (members_[a] < members_[b]) std::swap(a, b);
  parent_[b] = a;
  members_[a] += members_[b];
  facts_[a].absorb(facts_[b]);
}

void Solver::add_edge(std::uint32_t a, std::uint32_t b, const Group& group, std::string refused) {
  if (!explain_) return;
  if (a > b) std::swap(a, b);
  solution_.edges.push_back(
      {order_[a], order_[b], rule(group).name, std::string(value(group)), std::move(refused)});
}

void Solver::join_as_said() {
  for (const PlacedDecision& decision : decisions_) {
    if (!decision.same) continue;
    const std::uint32_t a = root_of(decision.a), b = root_of(decision.b);
    std::string reason;
    if (facts_[a].entity != facts_[b].entity) reason = "a person and an organization";
    if (a != b && said_apart(facts_[a], facts_[b])) reason = said_not_the_same;
    if (explain_) {
      solution_.edges.push_back(
          {order_[decision.a], order_[decision.b], std::string(decision_edge), {}, reason});
    }
    if (reason.empty() && a != b) join(a, b);
  }
}

/// Brings the records of one value together, those first that say most of who they are, then in
/// order of name: each joins the cluster that this value reached and that may take it. Where two
/// may, and are two people, nobody knows whose it is, and it joins neither.
void Solver::connect(const Group& group) {
  const Rules::Namespace& space = rule(group);
  Shared shared{false, space.name == "email", space.name == "phone"};
  in_turn_.clear();
  for (std::uint32_t at = group.first; at < group.last; ++at) {
    const std::uint32_t rank = carried_[at].rank;
    in_turn_.emplace_back(-telling(facts_[root_of(rank)]), rank);
  }
  std::sort(in_turn_.begin(), in_turn_.end());
  reached_.clear();
  for (const auto& [telling_least, rank] : in_turn_) {
    const std::uint32_t own = root_of(rank);
    const auto same = std::find_if(reached_.begin(), reached_.end(),
                                   [&](std::uint32_t one) { return root_of(one) == own; });
    if (same != reached_.end()) {
      add_edge(*same, rank, group, {});
      continue;
    }
    shared.compare_names =
        space.strength == config::IdentifierClass::strong && facts_[own].entity == Entity::person;
    if (!join_one_of(rank, group, shared) && reached_.size() < clusters_per_value_max) {
      reached_.push_back(rank);
    }
  }
}

bool Solver::join_one_of(std::uint32_t rank, const Group& group, Shared shared) {
  const std::uint32_t own = root_of(rank);
  may_take_.clear();
  refused_.clear();
  for (const std::uint32_t one : reached_) {
    const std::uint32_t other = root_of(one);
    if (facts_[other].entity != facts_[own].entity) continue;
    std::string reason = refusal(rules_, facts_[other], facts_[own], shared);
    if (reason.empty()) {
      may_take_.push_back(one);
    } else if (may_take_.empty()) {
      refuse(one, rank, group, std::move(reason));
    } else {
      refused_.emplace_back(one, std::move(reason));  // worth telling if it joins nobody
    }
  }
  if (may_take_.empty()) return false;
  std::uint32_t taker = may_take_.front();
  const Facts& first = facts_[root_of(taker)];
  const bool two_may = std::any_of(may_take_.begin() + 1, may_take_.end(), [&](std::uint32_t one) {
    return are_two(rules_, first, facts_[root_of(one)], shared);
  });
  if (two_may) {
    // What says nothing of whose it is stays together, as nobody's.
    const auto nobodys = std::find_if(may_take_.begin(), may_take_.end(), [&](std::uint32_t one) {
      return is_nameless(facts_[root_of(one)]);
    });
    if (!is_nameless(facts_[own]) || nobodys == may_take_.end()) {
      for (const std::uint32_t one : may_take_) {
        refuse(one, rank, group, "it may be another's: people share it");
      }
      for (auto& [one, reason] : refused_) refuse(one, rank, group, std::move(reason));
      return false;
    }
    taker = *nobodys;
  }
  add_edge(taker, rank, group, {});
  join(root_of(taker), own);
  return true;
}

void Solver::refuse(std::uint32_t a, std::uint32_t b, const Group& group, std::string reason) {
  ++solution_.refused;
  add_edge(a, b, group, std::move(reason));
}

void Solver::number_clusters() {
  constexpr std::uint32_t unnumbered = UINT32_MAX;
  std::vector<std::uint32_t>& number_of_root = members_;
  std::fill(number_of_root.begin(), number_of_root.end(), unnumbered);
  for (std::uint32_t rank = 0; rank < order_.size(); ++rank) {
    std::uint32_t& number = number_of_root[root_of(rank)];
    if (number == unnumbered) number = solution_.clusters++;
    solution_.cluster[order_[rank]] = number;
  }
}

Solution Solver::run() {
  rank_records();
  collect_values();
  place_decisions();
  solution_.cluster.resize(order_.size());
  parent_.resize(order_.size());
  std::iota(parent_.begin(), parent_.end(), 0u);
  members_.assign(order_.size(), 1);
  if (anything_to_join()) {
    collect_facts();
    join_as_said();
    for (const Group& group : groups_) {
      if (group.size() > 1 && rule(group).strength != config::IdentifierClass::weak) {
        connect(group);
      }
    }
  }
  number_clusters();
  return std::move(solution_);
}

}  // namespace

void add_people(const std::vector<Candidate>& candidates, PeopleCount& count) {
  Arena arena(arena_block_bytes);
  for (const Candidate& candidate : candidates) {
    count.add(candidate.entity, facts_of(candidate, true, arena).signature);
  }
}

void join_pairs(const std::vector<Candidate>& candidates,
                std::span<const std::pair<store::RecordId, store::RecordId>> pairs,
                Solution& solution) {
  if (pairs.empty()) return;
  std::vector<std::pair<store::RecordId, std::uint32_t>> cluster_of;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    cluster_of.emplace_back(candidates[i].id, solution.cluster[i]);
  }
  std::sort(cluster_of.begin(), cluster_of.end());
  std::vector<std::uint32_t> parent(solution.clusters);
  std::iota(parent.begin(), parent.end(), 0u);
  const auto root_of = [&](std::uint32_t cluster) {
    while (parent[cluster] != cluster) cluster = parent[cluster] = parent[parent[cluster]];
    return cluster;
  };
  const auto find = [&](store::RecordId id) {
    const auto at = std::lower_bound(cluster_of.begin(), cluster_of.end(), std::pair(id, 0u));
    return at != cluster_of.end() && at->first == id ? at : cluster_of.end();
  };
  for (const auto& [a, b] : pairs) {
    const auto one = find(a), other = find(b);
    if (one == cluster_of.end() || other == cluster_of.end()) continue;
    const std::uint32_t x = root_of(one->second), y = root_of(other->second);
    parent[std::max(x, y)] = std::min(x, y);  // the smaller number has the smaller record name
  }
  std::vector<std::uint32_t> number(solution.clusters);
  std::uint32_t clusters = 0;
  for (std::uint32_t cluster = 0; cluster < solution.clusters; ++cluster) {
    number[cluster] = root_of(cluster) == cluster ? clusters++ : number[root_of(cluster)];
  }
  solution.clusters = clusters;
  for (std::uint32_t& cluster : solution.cluster) cluster = number[cluster];
}

Solution solve(const Rules& rules, const std::vector<Candidate>& candidates, bool explain,
               std::span<const std::uint64_t> known_generic,
               std::span<const store::Decision> decisions) {
  if (candidates.size() == 1) {
    Solution alone;
    alone.cluster.assign(1, 0);
    alone.clusters = 1;
    return alone;
  }
  return Solver(rules, candidates, explain, known_generic, decisions).run();
}

}  // namespace rondom::resolve
