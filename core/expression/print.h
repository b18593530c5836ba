// Print: an Ast as its one canonical text.
#pragma once

#include <string>

#include "expression/ast.h"

namespace rondom::expression {

std::string print(const Ast& ast);
/// Of one part of it.
std::string print(const Ast& ast, NodeId id);

}  // namespace rondom::expression
