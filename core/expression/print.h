// Print: an Ast as its one canonical text.
#pragma once

#include <string>

#include "expression/ast.h"

namespace rondom::expression {

std::string print(const Ast& ast);

}  // namespace rondom::expression
