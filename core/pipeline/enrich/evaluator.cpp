#include <map>

#include "pipeline/enrich/state.h"

namespace rondom::enrich {
namespace {

/// States of other moments that are kept for one profile: attributes share the edges of their windows.
constexpr std::size_t states_max = 256;

/// The profile with its activities as members: what `.` and `$` are.
Value with_activities(const Input& input) {
  const std::uint32_t count = input.profile.is_object() ? input.profile.size() : 0;
  Member* members = input.arena->array<Member>(count + 2);
  for (std::uint32_t i = 0; i < count; ++i) members[i] = input.profile.member(i);
  members[count] = {"orders", input.orders};
  members[count + 1] = {"events", input.events};
  return Value::object(members, count + 2);
}

bool same(const State::Result& a, const State::Result& b) {
  return a.problem == b.problem && same_value(a.value, b.value);
}

}  // namespace

class EvaluatorInside {
 public:
  explicit EvaluatorInside(const PlanInside& plan)
      : plan_(plan), facts_(plan), base_(plan, facts_) {}

  void evaluate(const Input& input, std::span<const std::uint32_t> wanted, Changes changes,
                std::vector<Computed>& out) {
    input_ = input;
    facts_.begin(input_, with_activities(input_));
    base_.begin(input.as_of, nullptr);
    at_.clear();
    used_ = 0;
    out.clear();
    for (const std::uint32_t id : wanted) {
      Computed& computed = out.emplace_back();
      const PlannedAttribute& attribute = plan_.attributes[id];
      if (!attribute.sound) {
        computed.problem = "the definition is not sound; rondom validate says why";
        continue;
      }
      const State::Result now = base_.attribute(id);
      computed.value = now.value;
      computed.problem = now.problem;
      if (changes == Changes::find && attribute.depends_on_time) find_change(id, now, computed);
    }
  }

  std::vector<Evidence> evidence(std::uint32_t id) {
    std::vector<Evidence> all;
    if (!plan_.attributes[id].sound) return all;
    for (const std::uint32_t part : plan_.attributes[id].aggregates) {
      const Aggregate& aggregate = plan_.aggregates[part];
      const State::Result result = base_.aggregate(part);
      Evidence& one = all.emplace_back();
      one.expression = aggregate.text;
      one.value = result.value;
      one.problem = result.problem;
      one.of_orders = plan_.selections[aggregate.selection].scan != Scan::events;
      one.known = base_.counted(part, one.items);
    }
    return all;
  }

 private:
  /// Goes from edge to edge until the value is another one.
  void find_change(std::uint32_t id, const State::Result& now, Computed& computed) {
    Timestamp edge = now.may_change_at;
    for (int looks = 0; edge != no_time; ++looks) {
      computed.changes_at = edge;
      if (looks == moments_looked_at_max) {
        computed.certain = false;
        return;
      }
      const State::Result then = state_at(edge).attribute(id);
      if (!same(now, then)) return;
      edge = then.may_change_at;
    }
    computed.changes_at = no_time;
  }

  State& state_at(Timestamp at) {
    const auto known = at_.find(at);
    if (known != at_.end()) return *known->second;
    if (used_ == states_max) {
      at_.clear();
      used_ = 0;
    }
    if (used_ == pool_.size()) pool_.push_back(std::make_unique<State>(plan_, facts_));
    State& state = *pool_[used_++];
    state.begin(at, &base_);
    at_[at] = &state;
    return state;
  }

  const PlanInside& plan_;
  Input input_;
  Facts facts_;
  State base_;
  std::vector<std::unique_ptr<State>> pool_;
  std::size_t used_ = 0;
  std::map<Timestamp, State*> at_;
};

Evaluator::Evaluator(const Plan& plan)
    : inside_(std::make_unique<EvaluatorInside>(*plan.inside_)) {}
Evaluator::~Evaluator() = default;

void Evaluator::evaluate(const Input& input, std::span<const std::uint32_t> wanted, Changes changes,
                         std::vector<Computed>& out) {
  inside_->evaluate(input, wanted, changes, out);
}

std::vector<Evidence> Evaluator::evidence(std::uint32_t attribute) const {
  return inside_->evidence(attribute);
}

}  // namespace rondom::enrich
