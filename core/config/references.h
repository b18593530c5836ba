// references: ${var:NAME} and ${secret:NAME} inside scalars. Private to config.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/config.h"

namespace rondom::config {

using Variables = std::map<std::string, Node, std::less<>>;

/// The vars: map of rondom.yaml, overridden by that of the environment. Both may be null nodes.
Variables read_variables(const Node* base, const Node* environment, Diagnostics& diagnostics);

enum class SecretsAllowed : bool { no, yes };

/// Fills in every ${var:NAME} below `node`. An unquoted scalar that is one reference takes the
/// variable's type; otherwise the result is text. Secrets stay references and are refused where
/// they are not allowed.
void fill_variables(Node& node, const Variables& variables, SecretsAllowed secrets,
                    Diagnostics& diagnostics);

/// Reports references where none are read: maps, expressions, rules.
void refuse_references(const Node& node, Diagnostics& diagnostics);

/// Letters, digits, _ and -, starting with a letter; at most 64.
bool is_plain_name(std::string_view name);

}  // namespace rondom::config
