#include "pipeline/enrich/look_back.h"

#include <algorithm>

#include "expression/function.h"
#include "expression/parser.h"

namespace rondom::enrich {
namespace {

class LookBackFinder {
 public:
  explicit LookBackFinder(const expression::Ast& ast) : ast_(ast) {}

  std::vector<LookBack> find() {
    visit(ast_.root);
    return std::move(found_);
  }

 private:
  using Node = expression::Node;

  void visit(expression::NodeId id) {
    LookBack look;
    if (read(id, look)) {
      found_.push_back(look);
      return;
    }
    for (const expression::NodeId child : ast_.node(id).children) visit(child);
  }

  /// A list of activities, and what was done to it.
  bool read(expression::NodeId id, LookBack& look) {
    const Node& node = ast_.node(id);
    if (node.kind == Node::Kind::path) {
      if (node.base == Node::Base::child || node.steps.empty()) return false;
      look.list = activity_list_named(node.steps[0].name);
      return look.list < activity_lists_count;
    }
    if (node.kind != Node::Kind::call || node.children.empty()) return false;
    if (!read(node.children[0], look)) return false;
    const std::string_view name = node.function->info.name;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      if (name == "within") narrow(ast_.node(node.children[i]), look);
      if (name == "where") read_condition(node.children[i], look);
      visit(node.children[i]);
    }
    return true;
  }

  static void narrow(const Node& by, LookBack& look) {
    if (by.kind != Node::Kind::literal || by.literal.type() != ValueType::duration) return;
    look.span = std::min(look.span.value_or(by.literal.as_duration()), by.literal.as_duration());
  }

  void read_condition(expression::NodeId id, LookBack& look) {
    const Node& node = ast_.node(id);
    if (node.kind == Node::Kind::all_of) {
      for (const expression::NodeId child : node.children) read_condition(child, look);
      return;
    }
    const bool is_comparison =
        node.kind == Node::Kind::comparison &&
        (node.op == expression::Operator::equal || node.op == expression::Operator::greater ||
         node.op == expression::Operator::greater_equal);
    if (!is_comparison && node.kind != Node::Kind::membership) return;
    if (!is_year(ast_.node(node.children[0]))) return;
    const Node& of = ast_.node(node.children[1]);
    if (of.kind != Node::Kind::literal) return;
    std::optional<int> first;
    const auto take = [&](const Value& value) {
      if (value.type() != ValueType::integer) return;
      const int year = static_cast<int>(value.as_integer());
      first = std::min(first.value_or(year), year);
    };
    if (of.literal.is_list()) {
      for (std::uint32_t i = 0; i < of.literal.size(); ++i) take(of.literal.item(i));
    } else {
      take(of.literal);
    }
    if (first) look.first_year = std::max(look.first_year.value_or(*first), *first);
  }

  bool is_year(const Node& node) const {
    if (node.kind != Node::Kind::call || node.children.empty()) return false;
    if (node.function->info.name != "year") return false;
    const Node& of = ast_.node(node.children[0]);
    return of.kind == Node::Kind::path && of.base == Node::Base::current && of.steps.size() == 1 &&
           of.steps[0].name == "at";
  }

  const expression::Ast& ast_;
  std::vector<LookBack> found_;
};

}  // namespace

std::vector<LookBack> look_backs(std::string_view expression, const expression::Library* library) {
  expression::Ast ast;
  expression::Problem ignored;
  if (!expression::parse(expression, library, ast, ignored)) return {};
  return LookBackFinder(ast).find();
}

}  // namespace rondom::enrich
