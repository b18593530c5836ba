// Function: one row of the table of functions, and what a function sees of its call.
//
// Arguments are evaluated when a function asks for them, so `if` and `default` evaluate only what
// they use, and where() can evaluate its condition once per item.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "expression/ast.h"
#include "expression/evaluation.h"
#include "expression/expression.h"

namespace rondom::expression {

class Call {
 public:
  Call(Evaluation& evaluation, const Node& node, const Frame& frame)
      : evaluation_(evaluation), node_(node), frame_(frame) {}

  std::size_t count() const { return node_.children.size(); }
  bool has(std::size_t index) const { return index < count(); }
  const Prepared* prepared() const { return node_.prepared.get(); }
  Evaluation& evaluation() { return evaluation_; }
  const Scope& scope() const { return evaluation_.scope(); }

  bool value(std::size_t index, Value& out) {
    return evaluation_.run(node_.children[index], frame_, out);
  }
  /// The argument with `.` = item.
  bool value_of_item(std::size_t index, const Value& item, Value& out) {
    const Frame inner{item, frame_.root, frame_.index};
    return evaluation_.run(node_.children[index], inner, out);
  }
  /// The argument's canonical text. `null` tells that there is none. Lists and objects fail.
  bool text(std::size_t index, std::string_view& out, bool& null);
  /// The argument as a list: null is the empty list, anything else but a list fails.
  bool list(std::size_t index, Value& out);
  /// "name(): message"
  bool fail(std::string_view message);

 private:
  Evaluation& evaluation_;
  const Node& node_;
  const Frame& frame_;
};

/// The literal arguments of a call while it is compiled; null where an argument is no literal.
using LiteralArguments = std::span<const Value>;

struct Function {
  FunctionInfo info;
  std::uint8_t arguments_min = 1;
  std::uint8_t arguments_max = 1;
  /// One letter per argument, the last one repeats: v value, t text, n number or text, l literal
  /// text, d duration, s list, i evaluated for each item, c a condition on each item, b boolean.
  std::string_view arguments;
  StaticType result = StaticType::any;
  bool (*evaluate)(Call& call, Value& out) = nullptr;
  /// Makes node.prepared of the literal arguments, once; nullptr when there is nothing to make.
  /// `argument` names the one that is wrong.
  bool (*prepare)(LiteralArguments literals, const Library* library,
                  std::shared_ptr<const Prepared>& out, std::size_t& argument,
                  Problem& problem) = nullptr;
  /// Its result depends on Scope::as_of.
  bool looks_at_clock = false;
};

std::span<const Function> all_functions();
const Function* find_function(std::string_view name);

// The table's parts, one file each.
std::span<const Function> text_functions();
std::span<const Function> pattern_functions();
std::span<const Function> number_functions();
std::span<const Function> arithmetic_functions();
std::span<const Function> time_functions();
std::span<const Function> calendar_functions();
std::span<const Function> choice_functions();
std::span<const Function> list_functions();
std::span<const Function> aggregate_functions();
std::span<const Function> table_functions();
std::span<const Function> cleaner_functions();

}  // namespace rondom::expression
