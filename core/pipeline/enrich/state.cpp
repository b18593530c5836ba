#include "pipeline/enrich/state.h"

#include <algorithm>

#include "expression/evaluation.h"

namespace rondom::enrich {
namespace {

void lower_to(Timestamp& earliest, Timestamp at) {
  if (at != no_time && (earliest == no_time || at < earliest)) earliest = at;
}

/// The lines of the orders that are set.
void lines_of(const Bits& orders, const Items& lines, Bits& bits) {
  bits.assign(lines.words, 0);
  for (std::uint32_t i = 0; i < lines.orders.size(); ++i) {
    if (has_bit(orders, lines.orders[i])) set_bit(bits, i);
  }
}

}  // namespace

State::State(const PlanInside& plan, Facts& facts)
    : plan_(plan),
      facts_(facts),
      slots_(plan.attributes.size() + plan.aggregates.size()),
      known_(slots_.size()),
      decided_(plan.attributes.size(), no_rule),
      selections_(plan.selections.size()),
      windows_(plan.windows.size()) {}

void State::begin(Timestamp at, State* base, Changes changes) {
  at_ = at;
  base_ = base;
  changes_ = changes;
  const Input& input = facts_.input();
  scope_ = {};
  scope_.current = scope_.root = facts_.profile();
  scope_.as_of = at;
  scope_.country = input.country;
  scope_.time_zone = plan_.time_zone;
  scope_.arena = input.arena;
  scope_.cleaners = input.cleaners;
  scope_.slots = slots_.data();
  std::fill(known_.begin(), known_.end(), Known());
  for (Chosen& chosen : selections_) chosen.known = false;
  for (WindowBits& window : windows_) window.known = false;
}

const Bits& State::window(std::uint32_t id) {
  WindowBits& window = windows_[id];
  if (window.known) return window.bits;
  window.known = true;
  const Window& of = plan_.windows[id];
  const Items& items = facts_.items(of.scan);
  Timestamp start = 0;
  if (__builtin_sub_overflow(at_, of.span, &start)) start = no_time + 1;
  window.bits.assign(items.words, 0);
  for (std::uint32_t i = 0; i < items.instants.size(); ++i) {
    const Timestamp at = items.instants[i];
    if (at != no_time && at > start && at <= at_) set_bit(window.bits, i);
  }
  return window.bits;
}

const State::Chosen& State::selection(std::uint32_t id) {
  Chosen& chosen = selections_[id];
  if (chosen.known) return chosen;
  chosen.known = true;
  const Selection& of = plan_.selections[id];
  const Items& items = facts_.items(of.scan);
  chosen.failed = false;
  if (of.before != none) {
    const Chosen& before = selection(of.before);
    chosen.failed = before.failed;
    chosen.bits = before.bits;
    if (!chosen.is_empty()) narrow(chosen, of.stages.back(), items.words);
  } else if (of.parent == none) {
    set_all(chosen.bits, items.values.size());
  } else {
    const Chosen& orders = selection(of.parent);
    chosen.failed = orders.failed || !facts_.lines_are_lists();
    chosen.bits.clear();
    if (!orders.is_empty()) lines_of(orders.bits, items, chosen.bits);
  }
  chosen.drop_if_empty();
  return chosen;
}

void State::narrow(Chosen& chosen, const Stage& stage, std::size_t words) {
  Facts::AtomBits bits;
  if (stage.is_window) {
    bits.true_for = window(stage.id).data();
  } else {
    bits = facts_.atom(stage.id);
  }
  for (std::size_t word = 0; word < words; ++word) {
    if (bits.failed_for != nullptr && (chosen.bits[word] & bits.failed_for[word]) != 0) {
      chosen.failed = true;
    }
    chosen.bits[word] &= bits.true_for[word];
  }
}

/// Items for which all but the windows holds, or cannot be computed: those that time may let in or
/// out.
void State::possible(const Selection& of, Bits& bits, bool& failed) {
  const std::size_t words = facts_.items(of.scan).words;
  failures_.assign(words, 0);
  for (const Stage& stage : of.stages) {
    if (stage.is_window) continue;
    const Facts::AtomBits atom = facts_.atom(stage.id);
    failed = failed || atom.failed_for != nullptr;
    for (std::size_t word = 0; word < words; ++word) {
      if (atom.failed_for != nullptr) failures_[word] |= bits[word] & atom.failed_for[word];
      bits[word] &= atom.true_for[word];
    }
  }
  for (std::size_t word = 0; word < words; ++word) bits[word] |= failures_[word];
}

/// When the windows of a selection next let an item in or out, whatever it is worth.
Timestamp State::next_edge(std::uint32_t id) {
  const Selection& of = plan_.selections[id];
  const Selection& timed = of.parent == none ? of : plan_.selections[of.parent];
  const Items& items = facts_.items(timed.scan);
  bool failed = false;
  set_all(possible_orders_, items.values.size());
  possible(timed, possible_orders_, failed);
  if (of.parent != none && !failed && facts_.lines_are_lists()) {
    const Items& lines = facts_.items(Scan::lines);
    lines_of(possible_orders_, lines, possible_lines_);
    possible(of, possible_lines_, failed);
    possible_orders_.assign(items.words, 0);
    each_bit(possible_lines_, [&](std::uint32_t line) {
      set_bit(possible_orders_, lines.orders[line]);
      return true;
    });
  }
  Timestamp edge = no_time;
  each_bit(possible_orders_, [&](std::uint32_t item) {
    const Timestamp at = items.instants[item];
    if (at == no_time) return true;
    if (at > at_) lower_to(edge, at);
    for (const Stage& stage : timed.stages) {
      Timestamp out = 0;
      if (!stage.is_window || __builtin_add_overflow(at, plan_.windows[stage.id].span, &out)) {
        continue;
      }
      if (out > at_) lower_to(edge, out);
    }
    return true;
  });
  return edge;
}

Timestamp State::interpret(const expression::Ast& ast, expression::NodeId node,
                           expression::Slot& slot) {
  Timestamp may_change_at = no_time;
  scope_.changes_at = changes_ == Changes::find ? &may_change_at : nullptr;
  expression::Evaluation evaluation(ast, scope_);
  slot = {};
  if (!evaluation.run(node, {scope_.current, scope_.root, -1}, slot.value)) {
    slot.value = {};
    slot.error = scope_.arena->copy(evaluation.error());
  }
  return may_change_at;
}

/// Of an attribute that is one value, with what it reads.
void State::take(std::uint32_t id, const Recipe& recipe, expression::Slot& slot, Timestamp& edge) {
  const std::uint32_t* read = plan_.recipe_reads.data() + recipe.first;
  for (const std::uint32_t* end = read + recipe.attributes; read != end; ++read) {
    lower_to(edge, find_attribute(*read));
  }
  for (const std::uint32_t* end = read + recipe.aggregates; read != end; ++read) {
    lower_to(edge, find_aggregate(*read));
  }
  put(id, recipe, slot, edge);
}

/// What it reads is there.
void State::put(std::uint32_t id, const Recipe& recipe, expression::Slot& slot, Timestamp& edge) {
  decided_[id] = 0;
  if (recipe.slot != none) {
    slot = slots_[recipe.slot];
  } else {
    const Formula& formula = plan_.attributes[id].rules.front().value;
    lower_to(edge, interpret(*formula.ast, formula.ast->root, slot));
  }
  if (slot.value.is_null() && slot.error.empty()) {
    slot.value = recipe.when_missing;
  } else if (slot.value.type() != recipe.type) {
    finish(plan_.attributes[id], slot);
  }
}

Timestamp State::find_aggregate(std::uint32_t id) {
  const std::size_t at = plan_.attributes.size() + id;
  Known& known = known_[at];
  if (known.known) return known.may_change_at;
  known.known = true;
  const Aggregate& aggregate = plan_.aggregates[id];
  expression::Slot& slot = slots_[at];
  const bool has_window = plan_.selections[aggregate.selection].has_window;
  if (base_ != nullptr && !has_window) {
    known.may_change_at = base_->find_aggregate(id);
    slot = base_->slots_[at];
    return known.may_change_at;
  }
  this->aggregate(aggregate, slot);
  if (has_window && changes_ == Changes::find) {
    known.may_change_at = next_edge(aggregate.selection);
  }
  return known.may_change_at;
}

void State::aggregate(const Aggregate& aggregate, expression::Slot& slot) {
  slot = {};
  if (!compute(aggregate, slot.value)) {
    (void)interpret(*aggregate.original.ast, aggregate.original.node, slot);
  }
}

void State::compute(const Schedule& schedule) {
  for (const std::uint32_t id : schedule.aggregates) {
    const std::size_t at = plan_.attributes.size() + id;
    known_[at].known = true;
    aggregate(plan_.aggregates[id], slots_[at]);
  }
  Timestamp edge = no_time;
  for (const std::uint32_t id : schedule.attributes) {
    const Recipe& recipe = plan_.recipes[id];
    if (recipe.is_plain) {
      known_[id].known = true;
      put(id, recipe, slots_[id], edge);
    } else {
      (void)find_attribute(id);
    }
  }
}

void State::evaluate(const Formula& formula, expression::Slot& slot, Timestamp& edge) {
  for (const std::uint32_t input : formula.attributes) lower_to(edge, find_attribute(input));
  for (const std::uint32_t part : formula.aggregates) lower_to(edge, find_aggregate(part));
  const expression::Node& root = formula.ast->node(formula.ast->root);
  if (root.kind == expression::Node::Kind::slot) {
    slot = slots_[root.slot];
  } else {
    lower_to(edge, interpret(*formula.ast, formula.ast->root, slot));
  }
}

/// Null counts as false. What cannot be computed decides: nobody knows about the rules behind it.
bool State::holds(const PlannedRule& rule, expression::Slot& slot, Timestamp& edge) {
  slot = {};
  if (!rule.when.present()) return true;
  evaluate(rule.when, slot, edge);
  if (!slot.error.empty()) return true;
  if (!slot.value.is_null() && slot.value.type() != ValueType::boolean) {
    slot.error = "when is neither true nor false";
    return true;
  }
  return !slot.value.is_null() && slot.value.as_boolean();
}

/// The first rule that holds. Those behind it are not asked, and what time does to them does not
/// matter.
void State::decide(std::uint32_t id, expression::Slot& slot, Timestamp& edge) {
  const PlannedAttribute& attribute = plan_.attributes[id];
  decided_[id] = no_rule;
  for (std::uint32_t i = 0; i < attribute.rules.size(); ++i) {
    const PlannedRule& rule = attribute.rules[i];
    if (!holds(rule, slot, edge)) continue;
    decided_[id] = i;
    if (slot.error.empty() && rule.value.present()) {
      evaluate(rule.value, slot, edge);
    } else if (slot.error.empty()) {
      slot.value = rule.constant;
    }
    return;
  }
  slot = {};
}

State::Result State::attribute(std::uint32_t id) {
  const Timestamp edge = find_attribute(id);
  return {slots_[id].value, slots_[id].error, edge};
}

State::Result State::aggregate(std::uint32_t id) {
  const Timestamp edge = find_aggregate(id);
  const expression::Slot& slot = slots_[plan_.attributes.size() + id];
  return {slot.value, slot.error, edge};
}

/// Into its slot, unless it is there already; the rest too. Returns when it may change.
Timestamp State::find_attribute(std::uint32_t id) {
  Known& known = known_[id];
  if (known.known) return known.may_change_at;
  known.known = true;
  const Recipe& recipe = plan_.recipes[id];
  expression::Slot& slot = slots_[id];
  if (base_ != nullptr && !recipe.depends_on_time) {
    known.may_change_at = base_->find_attribute(id);
    slot = base_->slots_[id];
    decided_[id] = base_->decided_[id];
    return known.may_change_at;
  }
  Timestamp edge = no_time;
  if (recipe.is_plain) {
    take(id, recipe, slot, edge);
    known.may_change_at = edge;
    return edge;
  }
  const PlannedAttribute& attribute = plan_.attributes[id];
  decide(id, slot, edge);
  finish(attribute, slot);
  if (!slot.error.empty() && !attribute.given->rules.empty()) {
    const std::string place = "rule " + std::to_string(decided_[id] + 1) + ": ";
    slot = {Value(), facts_.input().arena->copy(place + std::string(slot.error))};
  }
  known.may_change_at = edge;
  return edge;
}

/// The value as the attribute's type has it, or what stands for none.
void State::finish(const PlannedAttribute& attribute, expression::Slot& slot) const {
  if (!slot.error.empty()) return;
  if (slot.value.is_null()) {
    slot.value = attribute.when_missing;
    return;
  }
  if (slot.value.type() == attribute.type) return;
  std::string problem;
  const Value computed = slot.value;
  Arena& arena = *facts_.input().arena;
  if (coerce(computed, attribute.given->type, plan_.currency, !attribute.given->source.empty(),
             arena, slot.value, problem)) {
    return;
  }
  slot = {Value(), arena.copy(problem)};
}

bool State::counted(std::uint32_t id, std::vector<std::uint32_t>& items) {
  items.clear();
  const Aggregate& aggregate = plan_.aggregates[id];
  const Chosen& chosen = selection(aggregate.selection);
  if (chosen.failed) return false;
  const Scan scan = plan_.selections[aggregate.selection].scan;
  each_bit(chosen.bits, [&](std::uint32_t item) {
    const std::uint32_t place = scan == Scan::lines ? facts_.items(Scan::lines).orders[item] : item;
    if (items.empty() || items.back() != place) items.push_back(place);
    return true;
  });
  return true;
}

}  // namespace rondom::enrich
