#include <algorithm>

#include "config/config.h"
#include "config/readers.h"
#include "config/traps.h"
#include "expression/expression.h"

namespace rondom::config {

std::string text_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

const Node* list_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  return value != nullptr && value->kind == Node::Kind::list ? value : nullptr;
}

const Node* map_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  return value != nullptr && value->kind == Node::Kind::map ? value : nullptr;
}

bool boolean_of(const Node& map, std::string_view key, bool fallback) {
  const Node* value = map.find(key);
  if (value == nullptr || !value->is_scalar() || scalar_type(*value) != ScalarType::boolean) {
    return fallback;
  }
  return value->text == "true";
}

Expression expression_of(const Node& map, std::string_view key) {
  const Node* value = map.find(key);
  if (value == nullptr || !value->is_scalar()) return {};
  return {value->text, value->at};
}

std::vector<std::string> texts_of(const Node& map, std::string_view key) {
  std::vector<std::string> out;
  const Node* list = list_of(map, key);
  if (list == nullptr) return out;
  for (const Node& item : list->items) {
    if (item.is_scalar()) out.push_back(item.text);
  }
  return out;
}

void fill_options(Node& options, Reading& reading) {
  if (!reading.variables_known) return;
  fill_variables(options, reading.variables, SecretsAllowed::no, reading.diagnostics);
}

void check_name(const Node* name, std::string_view what, Diagnostics& diagnostics) {
  if (name == nullptr || !name->is_scalar() || name->text.empty() || is_plain_name(name->text)) {
    return;
  }
  diagnostics.error(name->at, "the name of " + std::string(what) +
                                  " starts with a letter and holds letters, digits, _ and - only");
}

namespace {

/// Was the text of this expression reported as cut off by YAML? Its syntax is then no news.
bool is_reported_as_cut(const Expression& expression, const Diagnostics& diagnostics) {
  if (!looks_cut(expression.text)) return false;
  return std::any_of(
      diagnostics.errors().begin(), diagnostics.errors().end(), [&](const Diagnostic& known) {
        return known.at.line == expression.at.line && known.at.file && expression.at.file &&
               *known.at.file == *expression.at.file && known.at.column >= expression.at.column;
      });
}

}  // namespace

void check_expression(const Expression& expression, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  if (!expression.present() || is_reported_as_cut(expression, diagnostics)) return;
  expression::Expression compiled;
  expression::Problem problem;
  if (expression::Expression::compile(expression.text, compiled, problem, reading.library.get())) {
    return;
  }
  diagnostics.error(location_in(expression.at, expression.text, problem.offset, problem.length),
                    problem.message, problem.hint);
}

}  // namespace rondom::config
