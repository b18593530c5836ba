// Checker: what is wrong with a node by the types of its operands alone. Children are checked
// first.
#pragma once

#include "expression/ast.h"
#include "expression/expression.h"

namespace rondom::expression {

StaticType static_type_of(const Value& literal);

/// Sets node.type; false with a problem. For calls also the number of arguments and what their
/// literals are for (node.prepared).
bool check(const Ast& ast, const Library* library, Node& node, Problem& problem);

}  // namespace rondom::expression
