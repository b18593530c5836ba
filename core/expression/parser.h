// Parser: tokens -> checked Ast. Operator precedence, loosest first: | or and not comparison path.
#pragma once

#include <string_view>

#include "expression/ast.h"
#include "expression/expression.h"

namespace rondom::expression {

/// False with the first problem; what is wrong by its types alone is a problem too (checker.h).
bool parse(std::string_view text, const Library* library, Ast& ast, Problem& problem);

}  // namespace rondom::expression
