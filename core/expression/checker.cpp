#include "expression/checker.h"

#include <algorithm>

#include "expression/function.h"

namespace rondom::expression {

const char* word_of(StaticType type) {
  switch (type) {
    case StaticType::any: return "anything";
    case StaticType::null: return "null";
    case StaticType::boolean: return "a boolean";
    case StaticType::number: return "a number";
    case StaticType::text: return "a text";
    case StaticType::date: return "a date";
    case StaticType::time: return "a time";
    case StaticType::duration: return "a duration";
    case StaticType::money: return "money";
    case StaticType::list: return "a list";
    case StaticType::object: return "an object";
  }
  return "";
}

namespace {

bool is_open(StaticType type) {
  return type == StaticType::any || type == StaticType::null;
}

bool is_container(StaticType type) {
  return type == StaticType::list || type == StaticType::object;
}

bool is_moment(StaticType type) {
  return type == StaticType::date || type == StaticType::time;
}

bool is_amount(StaticType type) {
  return type == StaticType::number || type == StaticType::money;
}

bool may_compare(StaticType a, StaticType b) {
  if (is_open(a) || is_open(b) || a == b) return true;
  if (is_amount(a) && is_amount(b)) return true;
  if (is_moment(a)) return is_moment(b) || b == StaticType::text;
  return is_moment(b) && a == StaticType::text;
}

bool fail(const Node& at, Problem& problem, std::string message, std::string hint = {}) {
  problem = {at.offset, std::max<std::size_t>(at.length, 1), std::move(message), std::move(hint)};
  return false;
}

std::string list_hint(StaticType a, StaticType b) {
  if (a == StaticType::list || b == StaticType::list) {
    return "take one value of the list with first, last or [0], or use contains() or exists()";
  }
  if (a == StaticType::object || b == StaticType::object) return "name one of its fields";
  if (a == StaticType::text || b == StaticType::text) {
    return "number() makes a number of a text, bool() true or false";
  }
  return {};
}

bool check_comparison(const Ast& ast, const Node& node, Problem& problem) {
  const Node& right = ast.node(node.children[1]);
  const StaticType a = ast.node(node.children[0]).type;
  const StaticType b = right.type;
  const bool ordering = node.op != Operator::equal && node.op != Operator::not_equal;
  if (!may_compare(a, b)) {
    return fail(node, problem, std::string(word_of(a)) + " is never compared with " + word_of(b),
                list_hint(a, b));
  }
  if (ordering && (is_container(a) || is_container(b))) {
    return fail(node, problem,
                std::string("lists and objects have no order for ") + to_text(node.op),
                list_hint(a, b));
  }
  const bool null_literal = a == StaticType::null || b == StaticType::null;
  if (ordering && null_literal) {
    return fail(node, problem, "nothing is less or more than null", "null goes with == and !=");
  }
  return true;
}

bool check_membership(const Ast& ast, const Node& node, Problem& problem) {
  const Node& left = ast.node(node.children[0]);
  const Node& right = ast.node(node.children[1]);
  if (!is_open(right.type) && right.type != StaticType::list) {
    return fail(right, problem,
                std::string("`in` needs a list on its right, and this is ") + word_of(right.type));
  }
  if (is_container(left.type)) {
    return fail(left, problem,
                std::string("`in` needs one value on its left, and this is ") + word_of(left.type));
  }
  if (right.kind != Node::Kind::literal || is_open(left.type) || right.literal.is_null()) {
    return true;
  }
  for (std::uint32_t i = 0; i < right.literal.size(); ++i) {
    if (may_compare(left.type, static_type_of(right.literal.item(i)))) return true;
  }
  if (right.literal.size() == 0) return true;
  return fail(node, problem, std::string(word_of(left.type)) + " is never in this list");
}

bool check_condition(const Node& operand, const char* of, Problem& problem) {
  if (is_open(operand.type) || operand.type == StaticType::boolean) return true;
  return fail(operand, problem,
              std::string(of) + " needs true or false, and this is " + word_of(operand.type));
}

std::string arity_of(const Function& function) {
  if (function.arguments_min == function.arguments_max) {
    return std::to_string(int(function.arguments_min));
  }
  if (function.arguments_max == 255)
    return std::to_string(int(function.arguments_min)) + " or more";
  return std::to_string(int(function.arguments_min)) + " to " +
         std::to_string(int(function.arguments_max));
}

bool fits(char letter, const Node& argument) {
  const StaticType type = argument.type;
  if (letter == 'l') {
    return argument.kind == Node::Kind::literal && type == StaticType::text;
  }
  if (is_open(type)) return true;
  switch (letter) {
    case 't': return !is_container(type);
    case 'n': return is_amount(type) || type == StaticType::text;
    case 'd': return type == StaticType::duration;
    case 's': return type == StaticType::list;
    case 'b':
    case 'c': return type == StaticType::boolean;
    default: return true;
  }
}

const char* need_of(char letter) {
  switch (letter) {
    case 'l': return "a text in double quotes";
    case 't': return "a text";
    case 'n': return "a number or a text";
    case 'd': return "a duration such as 30d";
    case 's': return "a list";
    case 'b': return "true or false";
    case 'c': return "a condition";
    default: return "a value";
  }
}

bool check_call(const Ast& ast, const Library* library, Node& node, Problem& problem) {
  const Function& function = *node.function;
  const std::size_t count = node.children.size();
  const std::string name(function.info.name);
  if (count < function.arguments_min || count > function.arguments_max) {
    return fail(node, problem,
                name + "() takes " + arity_of(function) + " argument" +
                    (arity_of(function) == "1" ? "" : "s") + " (what is piped in counts), not " +
                    std::to_string(count),
                std::string(function.info.signature));
  }
  std::vector<Value> literals(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Node& argument = ast.node(node.children[i]);
    const char letter = function.arguments[std::min(i, function.arguments.size() - 1)];
    if (!fits(letter, argument)) {
      return fail(argument, problem, name + "() needs " + need_of(letter) + " here",
                  std::string(function.info.signature));
    }
    if (argument.kind == Node::Kind::literal) literals[i] = argument.literal;
  }
  if (function.prepare != nullptr) {
    std::size_t wrong = 0;
    if (!function.prepare(literals, library, node.prepared, wrong, problem)) {
      const Node& argument = ast.node(node.children[wrong]);
      return fail(argument, problem, name + "(): " + problem.message, problem.hint);
    }
  }
  node.type = function.result;
  return true;
}

StaticType type_of_path(const Node& node) {
  for (const Step& step : node.steps) {
    if (step.kind == Step::Kind::spread) return StaticType::list;
  }
  return StaticType::any;
}

bool check_operands(const Ast& ast, const Node& node, const char* word, Problem& problem) {
  for (const NodeId child : node.children) {
    if (!check_condition(ast.node(child), word, problem)) return false;
  }
  return true;
}

}  // namespace

const char* to_text(Operator op) {
  switch (op) {
    case Operator::equal: return "==";
    case Operator::not_equal: return "!=";
    case Operator::less: return "<";
    case Operator::less_equal: return "<=";
    case Operator::greater: return ">";
    case Operator::greater_equal: return ">=";
  }
  return "";
}

StaticType static_type_of(const Value& literal) {
  switch (literal.type()) {
    case ValueType::null: return StaticType::null;
    case ValueType::boolean: return StaticType::boolean;
    case ValueType::integer:
    case ValueType::decimal: return StaticType::number;
    case ValueType::text: return StaticType::text;
    case ValueType::date: return StaticType::date;
    case ValueType::time: return StaticType::time;
    case ValueType::duration: return StaticType::duration;
    case ValueType::money: return StaticType::money;
    case ValueType::list: return StaticType::list;
    case ValueType::object: return StaticType::object;
  }
  return StaticType::any;
}

bool check(const Ast& ast, const Library* library, Node& node, Problem& problem) {
  switch (node.kind) {
    case Node::Kind::literal: node.type = static_type_of(node.literal); return true;
    case Node::Kind::list: node.type = StaticType::list; return true;
    case Node::Kind::item_index: node.type = StaticType::number; return true;
    case Node::Kind::path: node.type = type_of_path(node); return true;
    case Node::Kind::current:
    case Node::Kind::root: return true;
    case Node::Kind::all_of:
      node.type = StaticType::boolean;
      return check_operands(ast, node, "`and`", problem);
    case Node::Kind::any_of:
      node.type = StaticType::boolean;
      return check_operands(ast, node, "`or`", problem);
    case Node::Kind::negation:
      node.type = StaticType::boolean;
      return check_operands(ast, node, "`not`", problem);
    case Node::Kind::comparison:
      node.type = StaticType::boolean;
      return check_comparison(ast, node, problem);
    case Node::Kind::membership:
      node.type = StaticType::boolean;
      return check_membership(ast, node, problem);
    case Node::Kind::call: return check_call(ast, library, node, problem);
    case Node::Kind::slot: return true;
  }
  return true;
}

}  // namespace rondom::expression
