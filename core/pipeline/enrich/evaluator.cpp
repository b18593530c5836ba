#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <set>

#include "pipeline/enrich/happened.h"
#include "pipeline/enrich/state.h"

namespace rondom::enrich {
namespace {

/// States of other moments that are kept for one profile: attributes share the edges of their
/// windows.
constexpr std::size_t states_max = 256;

constexpr std::bitset<activity_lists_count> all_lists((1u << activity_lists_count) - 1);

/// The profile with its activities as members: what `.` and `$` are.
Value with_activities(const Input& input) {
  const std::uint32_t count = input.profile.is_object() ? input.profile.size() : 0;
  Member* members = input.arena->array<Member>(count + activity_lists_count);
  for (std::uint32_t i = 0; i < count; ++i) members[i] = input.profile.member(i);
  for (std::uint32_t i = 0; i < activity_lists_count; ++i) {
    members[count + i] = {activity_lists()[i].name, input.lists[i]};
  }
  return Value::object(members, count + std::uint32_t{activity_lists_count});
}

Timestamp earlier(Timestamp a, Timestamp b) {
  if (a == no_time) return b;
  return b == no_time ? a : std::min(a, b);
}

/// Of an attribute whose definition is sound, behind all that it reads whatever it decides. A table
/// asks for what its rules read when it comes to them.
void schedule(const PlanInside& plan, std::uint32_t id, std::vector<bool>& attributes,
              std::vector<bool>& aggregates, State::Schedule& out) {
  if (attributes[id]) return;
  attributes[id] = true;
  const Recipe& recipe = plan.recipes[id];
  if (recipe.is_plain) {
    const std::uint32_t* read = plan.recipe_reads.data() + recipe.first;
    for (const std::uint32_t* end = read + recipe.attributes; read != end; ++read) {
      schedule(plan, *read, attributes, aggregates, out);
    }
    for (const std::uint32_t* end = read + recipe.aggregates; read != end; ++read) {
      if (!aggregates[*read]) out.aggregates.push_back(*read);
      aggregates[*read] = true;
    }
  }
  out.attributes.push_back(id);
}

bool same(const State::Result& a, const State::Result& b) {
  return a.problem == b.problem && same_value(a.value, b.value);
}

}  // namespace

/// A profile from one moment on until the next of its activities happens.
class Period {
 public:
  explicit Period(const PlanInside& plan) : plan_(plan), facts_(plan), base_(plan, facts_) {}

  void begin(const Input& whole, Timestamp from, Changes changes) {
    input_ = whole;
    changes_ = changes;
    input_.as_of = from;
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      happened_[i] = happened_by(whole.lists[i], from, *whole.arena);
      input_.lists[i] = happened_[i].items;
    }
    facts_.begin(input_, with_activities(input_));
    base_.begin(from, nullptr, changes);
    at_.clear();
    used_ = 0;
  }

  /// At its beginning.
  State& base() { return base_; }
  const Happened& happened(std::size_t list) const { return happened_[list]; }
  /// When the next item of one of these lists happens.
  Timestamp next_of(std::bitset<activity_lists_count> lists) const {
    Timestamp next = no_time;
    for (std::size_t i = 0; i < activity_lists_count; ++i) {
      if (lists.test(i)) next = earlier(next, happened_[i].next);
    }
    return next;
  }

  State& state_at(Timestamp at) {
    if (at == input_.as_of) return base_;
    const auto known = at_.find(at);
    if (known != at_.end()) return *known->second;
    if (used_ == states_max) {
      at_.clear();
      used_ = 0;
    }
    if (used_ == pool_.size()) pool_.push_back(std::make_unique<State>(plan_, facts_));
    State& state = *pool_[used_++];
    state.begin(at, &base_, changes_);
    at_[at] = &state;
    return state;
  }

 private:
  const PlanInside& plan_;
  Input input_;
  Changes changes_ = Changes::ignore;
  std::array<Happened, activity_lists_count> happened_;
  Facts facts_;
  State base_;
  std::vector<std::unique_ptr<State>> pool_;
  std::size_t used_ = 0;
  std::map<Timestamp, State*> at_;
};

class EvaluatorInside {
 public:
  explicit EvaluatorInside(const PlanInside& plan) : plan_(plan), first_(plan), later_(plan) {}

  void evaluate(const Input& input, std::span<const std::uint32_t> wanted, Changes changes,
                std::span<Computed> out) {
    input_ = input;
    first_.begin(input_, input.as_of, changes);
    later_from_ = later_until_ = no_time;
    const bool at_once = changes == Changes::ignore;
    if (at_once) first_.base().compute(schedule_of(wanted));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::uint32_t id = wanted[i];
      Computed& computed = out[i];
      computed = {};
      const Recipe& recipe = plan_.recipes[id];
      if (!recipe.is_sound) {
        computed.problem = "the definition is not sound; rondom validate says why";
        continue;
      }
      if (at_once && recipe.is_plain) {
        const expression::Slot& slot = first_.base().slot(id);
        computed.value = slot.value;
        computed.problem = slot.error;
        continue;
      }
      const State::Result now = first_.base().attribute(id);
      computed.value = now.value;
      computed.problem = now.problem;
      if (recipe.is_table) computed.rule = first_.base().deciding_rule(id);
      if (changes == Changes::find) find_change(id, now, computed);
    }
  }

  std::vector<Evidence> evidence(std::uint32_t id) {
    std::vector<Evidence> all;
    const PlannedAttribute& attribute = plan_.attributes[id];
    if (!attribute.sound) return all;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> parts;  // and the rule that reads it first
    std::set<std::uint32_t> seen;
    each_asked(id, [&](const Formula& formula, std::uint32_t rule) {
      for (const std::uint32_t part : formula.aggregates) {
        if (seen.insert(part).second) parts.emplace_back(part, rule);
      }
    });
    for (const auto& [part, rule] : parts) {
      const Aggregate& aggregate = plan_.aggregates[part];
      const State::Result result = first_.base().aggregate(part);
      Evidence& one = all.emplace_back();
      one.expression = aggregate.text;
      if (!attribute.given->rules.empty()) one.rule = rule;
      one.value = result.value;
      one.problem = result.problem;
      one.list = list_of(plan_.selections[aggregate.selection].scan);
      one.known = first_.base().counted(part, one.items);
      const Happened& looked_at = first_.happened(one.list);
      for (std::uint32_t& item : one.items) item = looked_at.place(item);
    }
    return all;
  }

  std::vector<std::uint32_t> inputs(std::uint32_t id) {
    std::set<std::uint32_t> all;
    if (plan_.attributes[id].sound) {
      each_asked(id, [&](const Formula& formula, std::uint32_t) {
        all.insert(formula.attributes.begin(), formula.attributes.end());
      });
    }
    return {all.begin(), all.end()};
  }

 private:
  /// Worked out once for those that are asked for again and again.
  const State::Schedule& schedule_of(std::span<const std::uint32_t> wanted) {
    if (std::equal(wanted.begin(), wanted.end(), scheduled_.begin(), scheduled_.end())) {
      return schedule_;
    }
    scheduled_.assign(wanted.begin(), wanted.end());
    schedule_ = {};
    std::vector<bool> attributes(plan_.attributes.size()), aggregates(plan_.aggregates.size());
    for (const std::uint32_t id : wanted) {
      if (plan_.recipes[id].is_sound) schedule(plan_, id, attributes, aggregates, schedule_);
    }
    return schedule_;
  }

  /// Each formula of the rules down to the one that decided.
  template <typename Each>
  void each_asked(std::uint32_t id, Each each) {
    const PlannedAttribute& attribute = plan_.attributes[id];
    const std::size_t decided = first_.base().deciding_rule(id);
    for (std::uint32_t i = 0; i < attribute.rules.size() && i <= decided; ++i) {
      each(attribute.rules[i].when, i);
      if (i == decided) each(attribute.rules[i].value, i);
    }
  }

  /// Goes from edge to edge until the value is another one.
  void find_change(std::uint32_t id, const State::Result& now, Computed& computed) {
    const PlannedAttribute& attribute = plan_.attributes[id];
    Timestamp edge = earlier(now.may_change_at, first_.next_of(attribute.reads));
    for (int looks = 0; edge != no_time; ++looks) {
      computed.changes_at = edge;
      if (looks == moments_looked_at_max) {
        computed.certain = false;
        return;
      }
      Period& period = period_at(attribute, edge);
      const State::Result then = period.state_at(edge).attribute(id);
      if (!same(now, then)) return;
      edge = earlier(then.may_change_at, period.next_of(attribute.reads));
    }
    computed.changes_at = no_time;
  }

  /// With the lists that the attribute reads as they are at that moment.
  Period& period_at(const PlannedAttribute& attribute, Timestamp at) {
    const Timestamp next = first_.next_of(attribute.reads);
    if (next == no_time || at < next) return first_;
    if (later_from_ == no_time || at < later_from_ ||
        (later_until_ != no_time && at >= later_until_)) {
      later_.begin(input_, at, Changes::find);
      later_from_ = at;
      later_until_ = later_.next_of(all_lists);
    }
    return later_;
  }

  const PlanInside& plan_;
  Input input_;
  Period first_;
  std::vector<std::uint32_t> scheduled_;
  State::Schedule schedule_;  // of these
  Period later_;              // behind activities that are still to come
  Timestamp later_from_ = no_time, later_until_ = no_time;
};

Evaluator::Evaluator(const Plan& plan)
    : inside_(std::make_unique<EvaluatorInside>(*plan.inside_)) {}
Evaluator::~Evaluator() = default;

void Evaluator::evaluate(const Input& input, std::span<const std::uint32_t> wanted, Changes changes,
                         std::span<Computed> out) {
  inside_->evaluate(input, wanted, changes, out);
}

std::vector<Evidence> Evaluator::evidence(std::uint32_t attribute) const {
  return inside_->evidence(attribute);
}

std::vector<std::uint32_t> Evaluator::inputs(std::uint32_t attribute) const {
  return inside_->inputs(attribute);
}

}  // namespace rondom::enrich
