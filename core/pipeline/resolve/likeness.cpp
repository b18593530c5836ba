#include "pipeline/resolve/likeness.h"

#include <algorithm>
#include <tuple>

#include "pipeline/resolve/facts.h"
#include "pipeline/resolve/probabilistic/grounds.h"

namespace rondom::resolve {

using probabilistic::Agreement;
using probabilistic::Millibits;

/// What each candidate says that may forbid a join.
struct Likeness::Inside {
  Arena arena;
  std::vector<Facts> facts;
};

namespace {

void sort_by_name(std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.name, a.canonical) < std::tie(b.name, b.canonical);
  });
}

bool is_among(const std::vector<std::uint64_t>& generic, std::string_view space,
              std::string_view value) {
  return !generic.empty() &&
         std::binary_search(generic.begin(), generic.end(), identifier_hash(space, value));
}

/// How two records agree, by number. What was compared last is not compared again.
class Pairwise {
 public:
  Pairwise(const probabilistic::Model& model, const probabilistic::Features& features)
      : comparer_(model, features) {}
  const Agreement& of(std::uint32_t a, std::uint32_t b) {
    if (a != a_ || b != b_) comparer_.compare(a, b, agreement_);
    a_ = a;
    b_ = b;
    return agreement_;
  }

 private:
  probabilistic::Comparer comparer_;
  Agreement agreement_;
  std::uint32_t a_ = 0, b_ = 0;
};

/// The vetoes of layer 1 over groups that grow, and the doubts about single pairs.
class GroupVetoes final : public probabilistic::Vetoes {
 public:
  GroupVetoes(const Rules& rules, std::vector<Facts> facts, const probabilistic::Model& model,
              Pairwise& pairwise)
      : rules_(rules), facts_(std::move(facts)), grounds_(model), pairwise_(pairwise) {}
  std::string refusal(std::uint32_t a, std::uint32_t b) override {
    std::string standing = standing_refusal(rules_, facts_[a], facts_[b]);
    if (!standing.empty()) return standing;
    const Shared shared = shared_by(facts_[a], facts_[b]);
    if (shared.phone && born_apart(facts_[a], facts_[b])) {
      return "different birth dates: a shared telephone number";
    }
    if (are_colleagues(rules_, facts_[a], facts_[b], shared)) return std::string(colleagues);
    return {};
  }
  bool contradict(std::uint32_t a, std::uint32_t b) override {
    constexpr bool compare_births = true;
    return !standing_refusal(rules_, facts_[a], facts_[b], compare_births).empty();
  }
  std::string_view doubt(std::uint32_t a, std::uint32_t b) override {
    return grounds_.doubt(pairwise_.of(a, b));
  }
  void joined(std::uint32_t into, std::uint32_t from) override {
    facts_[into].absorb(facts_[from]);
  }

 private:
  Shared shared_by(const Facts& a, const Facts& b) const {
    Shared shared;
    for (const NumberedValue value : a.values) {
      if (!b.values.contains(value)) continue;
      const std::string& space = rules_.by_priority(priority_of(value)).name;
      shared.email = shared.email || space == "email";
      shared.phone = shared.phone || space == "phone";
    }
    return shared;
  }

  const Rules& rules_;
  std::vector<Facts> facts_;  // of the whole group at its root
  const probabilistic::Grounds grounds_;
  Pairwise& pairwise_;
};

}  // namespace

probabilistic::Usable usable_identifiers(const Rules& rules,
                                         const std::vector<std::uint64_t>& generic) {
  return [&rules, &generic](std::string_view space, std::string_view value) {
    // A contact point that may not join by itself is evidence all the same.
    const Rules::Namespace* rule = rules.find(space);
    const bool weak = rule != nullptr && rule->strength == config::IdentifierClass::weak;
    if (rule == nullptr || (weak && !rule->is_contact_point())) return false;
    return !value.empty() && !rules.is_blocked(*rule, value) && !is_among(generic, space, value);
  };
}

Likeness::Likeness(const Rules& rules, const probabilistic::Model& model,
                   std::vector<Candidate> candidates, std::span<const std::uint64_t> known_generic,
                   std::span<const store::Decision> decisions)
    : rules_(rules), candidates_(std::move(candidates)), inside_(std::make_unique<Inside>()) {
  sort_by_name(candidates_);
  const Solution solution = solve(rules, candidates_, false, known_generic, decisions);
  generic_.assign(known_generic.begin(), known_generic.end());
  for (const store::GenericIdentifier& one : solution.generic) generic_.push_back(one.identifier);
  std::sort(generic_.begin(), generic_.end());
  generic_.erase(std::unique(generic_.begin(), generic_.end()), generic_.end());
  features_ = std::make_unique<probabilistic::Features>(model, usable_identifiers(rules, generic_));
  std::vector<std::uint32_t> first_of(solution.clusters, UINT32_MAX);
  seeds_.resize(candidates_.size());
  probabilistic::Dictionary values;
  std::string scratch;
  for (std::uint32_t i = 0; i < candidates_.size(); ++i) {
    features_->add(candidates_[i].canonical);
    std::uint32_t& first = first_of[solution.cluster[i]];
    first = std::min(first, i);
    seeds_[i] = first;
    Facts& facts = inside_->facts.emplace_back(facts_of(candidates_[i], false, inside_->arena));
    const int stream = rules.one_record_stream(candidates_[i].source_and_stream);
    if (stream >= 0) facts.single_streams.insert(static_cast<std::uint32_t>(stream));
    for_each_identifier(candidates_[i].canonical,
                        [&](std::string_view space, std::string_view text) {
                          const Rules::Namespace* rule = rules.find(space);
                          if (rule == nullptr || !rule->is_counted() || text.empty()) return;
                          if (rules.is_blocked(*rule, text) || is_among(generic_, space, text))
                            return;
                          scratch.assign(space).append(1, '\0').append(text);
                          facts.values.insert(numbered_value(rule->priority, values.add(scratch)));
                        });
  }
  std::vector<std::pair<store::RecordId, std::uint32_t>> places;
  if (!decisions.empty()) {
    for (std::uint32_t i = 0; i < candidates_.size(); ++i)
      places.emplace_back(candidates_[i].id, i);
    std::sort(places.begin(), places.end());
  }
  mark_decisions(placed_decisions(decisions, places), inside_->facts);
}

Likeness::~Likeness() = default;

Likeness::Pairs Likeness::compare(const probabilistic::Model& model, Millibits least,
                                  std::size_t threads, const BlockWatch* watch) const {
  const probabilistic::Weights weights(model, *features_);
  const probabilistic::Blocks blocks(model, *features_, threads,
                                     watch != nullptr ? watch->entries : nullptr);
  if (watch != nullptr) watch->sizes(blocks.sizes());
  Pairs pairs;
  pairs.rules = blocks.counts();
  pairs.scored = probabilistic::score_pairs(model, *features_, weights, blocks, least, threads,
                                            pairs.compared);
  return pairs;
}

probabilistic::Clusters Likeness::cluster(const probabilistic::Model& model, const Pairs& pairs,
                                          const probabilistic::ClusterRules& rules) const {
  const probabilistic::Weights weights(model, *features_);
  Pairwise pairwise(model, *features_);
  std::vector<Facts> facts = inside_->facts;
  for (std::uint32_t i = 0; i < facts.size(); ++i) {
    if (seeds_[i] != i) facts[seeds_[i]].absorb(facts[i]);
  }
  GroupVetoes vetoes(rules_, std::move(facts), model, pairwise);
  return probabilistic::cluster(seeds_, pairs.scored, rules, vetoes,
                                [&](std::uint32_t a, std::uint32_t b) {
                                  return weights.prior() + weights.evidence(pairwise.of(a, b));
                                });
}

}  // namespace rondom::resolve
