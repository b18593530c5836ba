// From an expression to scans, atoms, selections and aggregates. What has no such form stays as it
// is.
#include <algorithm>

#include "expression/function.h"
#include "expression/print.h"
#include "pipeline/enrich/plan.h"

namespace rondom::enrich {
namespace {

using expression::Ast;
using expression::Node;
using expression::NodeId;
using expression::Step;

struct Chain {
  Scan scan = Scan::orders;
  std::uint32_t parent = none;
  std::vector<Stage> stages;
};

class Lowering {
 public:
  Lowering(PlanInside& plan, Formula& formula)
      : plan_(plan), formula_(formula), ast_(*formula.ast) {}

  void run() {
    write_out_parts(ast_.root, false, 0);
    replace_attributes(ast_.root, false);
    find_aggregates(ast_.root);
    find_slots(ast_.root);
    for (std::vector<std::uint32_t>* all : {&formula_.attributes, &formula_.aggregates}) {
      std::sort(all->begin(), all->end());
      all->erase(std::unique(all->begin(), all->end()), all->end());
    }
  }

 private:
  void write_out_parts(NodeId id, bool in_item, int depth);
  NodeId copied(const Ast& from, NodeId id, bool rebased);
  bool is_of_profile(const Node& node, bool in_item) const;
  void replace_attributes(NodeId id, bool in_item);
  void find_slots(NodeId id);
  void find_aggregates(NodeId id);
  bool plan_aggregate(NodeId id);
  bool read_kind(const Node& node, Kind& kind, NodeId& list, std::optional<NodeId>& column) const;
  bool read_chain(NodeId id, Chain& chain);
  void add_conditions(NodeId id, Chain& chain);
  void go_to_lines(Chain& chain);
  bool is_plain_item(NodeId id) const;
  bool is_over_activities(NodeId id) const;
  static bool is_per_item(const Node& node, std::size_t argument);
  Part part(NodeId id) const;
  std::uint32_t column(Scan scan, NodeId id);
  std::uint32_t atom(Scan scan, NodeId id);
  void add_to_switch(std::uint32_t atom, Scan scan, NodeId id);
  std::uint32_t selection(Chain chain);
  template <typename Item, typename Same>
  std::uint32_t interned(std::vector<Item>& all, Item item, Same same);

  PlanInside& plan_;
  Formula& formula_;
  Ast& ast_;
};

bool Lowering::is_per_item(const Node& node, std::size_t argument) {
  if (node.kind != Node::Kind::call) return false;
  const std::string_view letters = node.function->arguments;
  const char letter = letters[std::min(argument, letters.size() - 1)];
  return letter == 'i' || letter == 'c';
}

/// Does it begin with a name of the profile?
bool Lowering::is_of_profile(const Node& node, bool in_item) const {
  const bool of_profile =
      node.base == Node::Base::root || (node.base == Node::Base::current && !in_item);
  return node.kind == Node::Kind::path && of_profile && !node.steps.empty() &&
         node.steps[0].kind == Step::Kind::field;
}

/// A copy of what is below the node. `rebased`: `.` of the profile becomes `$`, as the copy stands
/// where `.` is an item. The texts stay with the other tree, which lives as long as the plan.
NodeId Lowering::copied(const Ast& from, NodeId id, bool rebased) {
  Node node = from.nodes[id];
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    node.children[i] = copied(from, node.children[i], rebased && !is_per_item(from.nodes[id], i));
  }
  if (rebased && node.kind == Node::Kind::current) node.kind = Node::Kind::root;
  if (rebased && node.base == Node::Base::current) node.base = Node::Base::root;
  ast_.nodes.push_back(std::move(node));
  return static_cast<NodeId>(ast_.nodes.size() - 1);
}

/// What stands for a part of a list becomes what it means, so that it is planned with what goes on
/// from it.
void Lowering::write_out_parts(NodeId id, bool in_item, int depth) {
  const std::size_t children = ast_.nodes[id].children.size();
  for (std::size_t i = 0; i < children; ++i) {
    const bool item = in_item || is_per_item(ast_.nodes[id], i);
    write_out_parts(ast_.nodes[id].children[i], item, depth);
  }
  const bool is_full = depth == parts_nested_max || ast_.nodes.size() > written_out_nodes_max;
  if (is_full || !is_of_profile(ast_.nodes[id], in_item)) return;
  const auto found = plan_.by_name.find(ast_.nodes[id].steps[0].name);
  if (found == plan_.by_name.end() || plan_.attributes[found->second].list == nullptr) return;
  const Ast& list = *plan_.attributes[found->second].list;
  const NodeId copy = copied(list, list.root, in_item);
  write_out_parts(copy, in_item, depth + 1);
  if (ast_.nodes[id].steps.size() == 1) {
    const Node whole = ast_.nodes[copy];
    ast_.nodes[id] = whole;
    return;
  }
  Node& rest = ast_.nodes[id];
  rest.base = Node::Base::child;
  rest.children = {copy};
  rest.steps.erase(rest.steps.begin());
}

void Lowering::find_slots(NodeId id) {
  const Node& node = ast_.nodes[id];
  if (node.kind == Node::Kind::slot) {
    const auto attributes = static_cast<std::uint32_t>(plan_.attributes.size());
    if (node.slot < attributes) {
      formula_.attributes.push_back(node.slot);
    } else {
      formula_.aggregates.push_back(node.slot - attributes);
    }
  }
  for (const NodeId child : node.children) find_slots(child);
}

/// `.spend_1y` and, wherever it stands, `$.spend_1y`.
void Lowering::replace_attributes(NodeId id, bool in_item) {
  const std::size_t children = ast_.nodes[id].children.size();
  for (std::size_t i = 0; i < children; ++i) {
    const bool item = in_item || is_per_item(ast_.nodes[id], i);
    replace_attributes(ast_.nodes[id].children[i], item);
  }
  const Node& node = ast_.nodes[id];
  if (!is_of_profile(node, in_item)) return;
  const auto found = plan_.by_name.find(node.steps[0].name);
  if (found == plan_.by_name.end()) return;
  if (node.steps.size() == 1) {
    ast_.nodes[id].kind = Node::Kind::slot;
    ast_.nodes[id].slot = found->second;
    return;
  }
  Node slot = node;
  slot.kind = Node::Kind::slot;
  slot.slot = found->second;
  slot.steps.clear();
  const auto child = static_cast<NodeId>(ast_.nodes.size());
  ast_.nodes.push_back(std::move(slot));
  Node& rest = ast_.nodes[id];
  rest.base = Node::Base::child;
  rest.children = {child};
  rest.steps.erase(rest.steps.begin());
}

void Lowering::find_aggregates(NodeId id) {
  if (plan_aggregate(id)) return;
  const std::size_t children = ast_.nodes[id].children.size();
  for (std::size_t i = 0; i < children; ++i) {
    if (!is_per_item(ast_.nodes[id], i)) find_aggregates(ast_.nodes[id].children[i]);
  }
}

bool Lowering::read_kind(const Node& node, Kind& kind, NodeId& list,
                         std::optional<NodeId>& column) const {
  static const std::map<std::string_view, Kind> kinds = {
      {"count", Kind::count},   {"exists", Kind::exists}, {"sum", Kind::sum},
      {"avg", Kind::average},   {"min", Kind::least},     {"max", Kind::greatest},
      {"latest", Kind::latest}, {"oldest", Kind::oldest}, {"most_frequent", Kind::most_frequent}};
  if (node.kind != Node::Kind::call) return false;
  const auto found = kinds.find(node.function->info.name);
  if (found == kinds.end()) return false;
  kind = found->second;
  list = node.children[0];
  const Node& of = ast_.nodes[list];
  const bool of_distinct = kind == Kind::count && of.kind == Node::Kind::call &&
                           of.function->info.name == "distinct" && of.children.size() == 2;
  if (of_distinct) {
    kind = Kind::distinct;
    list = of.children[0];
    column = of.children[1];
  } else if (node.children.size() > 1) {
    column = node.children[1];
  }
  const bool needs_column = kind == Kind::sum || kind == Kind::average || kind == Kind::least ||
                            kind == Kind::greatest || kind == Kind::distinct ||
                            kind == Kind::most_frequent;
  return needs_column == column.has_value();
}

bool Lowering::plan_aggregate(NodeId id) {
  Kind kind = Kind::count;
  NodeId list = 0;
  std::optional<NodeId> of;
  if (!read_kind(ast_.nodes[id], kind, list, of)) return false;
  Chain chain;
  if (!read_chain(list, chain) || (of.has_value() && !is_plain_item(*of))) {
    if (is_over_activities(list)) ++plan_.interpreted;
    return false;
  }
  Aggregate aggregate;
  aggregate.kind = kind;
  aggregate.text = print(ast_, id);
  aggregate.selection = selection(chain);
  if (of.has_value()) aggregate.column = column(chain.scan, *of);
  const auto original = static_cast<NodeId>(ast_.nodes.size());
  ast_.nodes.push_back(ast_.nodes[id]);
  aggregate.original = {&ast_, original, {}, {}};
  const std::uint32_t at =
      interned(plan_.aggregates, std::move(aggregate), [](const auto& a, const auto& b) {
        return a.kind == b.kind && a.selection == b.selection && a.column == b.column;
      });
  ast_.nodes[id].kind = Node::Kind::slot;
  ast_.nodes[id].slot = static_cast<std::uint32_t>(plan_.attributes.size()) + at;
  ast_.nodes[id].children.clear();
  return true;
}

/// Is it a list of activities, however it is made?
bool Lowering::is_over_activities(NodeId id) const {
  const Node& node = ast_.nodes[id];
  if (node.kind == Node::Kind::call && !node.children.empty()) {
    return is_over_activities(node.children[0]);
  }
  return node.kind == Node::Kind::path && node.base != Node::Base::child && !node.steps.empty() &&
         activity_list_named(node.steps[0].name) < activity_lists_count;
}

bool Lowering::read_chain(NodeId id, Chain& chain) {
  const Node& node = ast_.nodes[id];
  if (node.kind == Node::Kind::path) {
    if (node.base == Node::Base::child || node.steps.size() != 1 ||
        node.steps[0].kind != Step::Kind::field) {
      return false;
    }
    const std::size_t list = activity_list_named(node.steps[0].name);
    if (list == activity_lists_count) return false;
    chain.scan = static_cast<Scan>(list);
    return true;
  }
  if (node.kind != Node::Kind::call || node.children.empty()) return false;
  const std::string_view name = node.function->info.name;
  if (name != "where" && name != "within" && name != "each") return false;
  const NodeId argument = node.children[1];
  if (!read_chain(node.children[0], chain)) return false;
  const Node& by = ast_.nodes[argument];
  if (name == "where") {
    if (!is_plain_item(argument)) return false;
    add_conditions(argument, chain);
    return true;
  }
  if (name == "within") {
    const bool fixed = by.kind == Node::Kind::literal && by.literal.type() == ValueType::duration;
    if (!fixed || chain.scan == Scan::lines) return false;
    const Window window{chain.scan, by.literal.as_duration()};
    const std::uint32_t at = interned(plan_.windows, window, [](const auto& a, const auto& b) {
      return a.scan == b.scan && a.span == b.span;
    });
    chain.stages.push_back({true, at});
    return true;
  }
  const bool lines = by.kind == Node::Kind::path && by.base == Node::Base::current &&
                     by.steps.size() == 1 && by.steps[0].kind == Step::Kind::field &&
                     by.steps[0].name == "lines";
  if (!lines || chain.scan != Scan::orders) return false;
  go_to_lines(chain);
  return true;
}

/// What held for an order holds for each of its lines.
void Lowering::go_to_lines(Chain& chain) {
  chain.parent = selection(chain);
  chain.scan = Scan::lines;
  chain.stages.clear();
}

/// Bounded by the length of an expression: a stage is written out in it.
std::uint32_t Lowering::selection(Chain chain) {
  Selection made{chain.scan, chain.parent, none, chain.stages, false};
  if (chain.parent != none) made.has_window = plan_.selections[chain.parent].has_window;
  for (const Stage& stage : chain.stages) made.has_window = made.has_window || stage.is_window;
  if (!chain.stages.empty()) {
    chain.stages.pop_back();
    made.before = selection(std::move(chain));
  }
  return interned(plan_.selections, std::move(made), [](const auto& a, const auto& b) {
    return a.scan == b.scan && a.parent == b.parent && a.stages == b.stages;
  });
}

template <typename Item, typename Same>
std::uint32_t Lowering::interned(std::vector<Item>& all, Item item, Same same) {
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (same(all[i], item)) return i;
  }
  all.push_back(std::move(item));
  return static_cast<std::uint32_t>(all.size() - 1);
}

/// May it be computed once an item, whatever the moment and the other attributes?
bool Lowering::is_plain_item(NodeId id) const {
  const Node& node = ast_.nodes[id];
  if (node.kind == Node::Kind::slot) return false;
  if (node.kind == Node::Kind::call && node.function->looks_at_clock) return false;
  // Of relations those are seen that hold at the moment.
  if (std::any_of(node.steps.begin(), node.steps.end(),
                  [](const Step& step) { return step.name == "relations"; })) {
    return false;
  }
  return std::all_of(node.children.begin(), node.children.end(),
                     [&](NodeId child) { return is_plain_item(child); });
}

void Lowering::add_conditions(NodeId id, Chain& chain) {
  if (ast_.nodes[id].kind == Node::Kind::all_of) {
    for (const NodeId child : ast_.nodes[id].children) add_conditions(child, chain);
    return;
  }
  chain.stages.push_back({false, atom(chain.scan, id)});
}

Part Lowering::part(NodeId id) const {
  Part part{&ast_, id, {}, print(ast_, id)};
  const Node& node = ast_.nodes[id];
  if (node.kind == Node::Kind::path && node.base == Node::Base::current && node.steps.size() == 1 &&
      node.steps[0].kind == Step::Kind::field) {
    part.field = node.steps[0].name;
  }
  return part;
}

std::uint32_t Lowering::column(Scan scan, NodeId id) {
  return interned(plan_.columns, Column{scan, part(id)}, [](const auto& a, const auto& b) {
    return a.scan == b.scan && a.part.text == b.part.text;
  });
}

std::uint32_t Lowering::atom(Scan scan, NodeId id) {
  Atom made;
  made.scan = scan;
  made.part = part(id);
  const std::size_t before = plan_.atoms.size();
  const std::uint32_t at = interned(plan_.atoms, made, [](const auto& a, const auto& b) {
    return a.scan == b.scan && a.part.text == b.part.text;
  });
  if (plan_.atoms.size() != before) add_to_switch(at, scan, id);
  return at;
}

/// `column == constant` or `column in [constants]`: one look-up serves all that share the column.
void Lowering::add_to_switch(std::uint32_t atom, Scan scan, NodeId id) {
  const Node& node = ast_.nodes[id];
  const bool equal = node.kind == Node::Kind::comparison && node.op == expression::Operator::equal;
  if (!equal && node.kind != Node::Kind::membership) return;
  NodeId of = node.children[0], constant = node.children[1];
  if (equal && ast_.nodes[of].kind == Node::Kind::literal) std::swap(of, constant);
  if (ast_.nodes[constant].kind != Node::Kind::literal ||
      ast_.nodes[of].kind == Node::Kind::literal) {
    return;
  }
  const Value& literal = ast_.nodes[constant].literal;
  bool fits = equal ? literal.is_text() || literal.type() == ValueType::integer : literal.is_list();
  for (std::uint32_t i = 0; fits && literal.is_list() && i < literal.size(); ++i) {
    fits = literal.item(i).is_text();
  }
  if (!fits) return;
  const std::uint32_t by = column(scan, of);
  std::uint32_t at = 0;
  while (at < plan_.switches.size() && plan_.switches[at].column != by) ++at;
  if (at == plan_.switches.size()) plan_.switches.emplace_back().column = by;
  Switch& one = plan_.switches[at];
  one.atoms.push_back(atom);
  plan_.atoms[atom].by_switch = at;
  if (literal.is_text()) one.texts[literal.as_text()].push_back(atom);
  if (literal.type() == ValueType::integer) one.integers[literal.as_integer()].push_back(atom);
  for (std::uint32_t i = 0; literal.is_list() && i < literal.size(); ++i) {
    std::vector<std::uint32_t>& atoms = one.texts[literal.item(i).as_text()];
    if (atoms.empty() || atoms.back() != atom) atoms.push_back(atom);
  }
}

}  // namespace

void lower(PlanInside& plan, std::uint32_t index) {
  for (PlannedRule& rule : plan.attributes[index].rules) {
    for (Formula* formula : {&rule.when, &rule.value}) {
      if (formula->present()) Lowering(plan, *formula).run();
    }
  }
}

}  // namespace rondom::enrich
