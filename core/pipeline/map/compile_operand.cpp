#include "pipeline/map/compiler.h"

#include <algorithm>

namespace rondom::map {
namespace {

bool is_call_or_pipe(std::string_view text) {
  return text.find_first_of("|(") != std::string_view::npos;
}

}  // namespace

std::string meant(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = did_you_mean(word, candidates);
  return near ? "did you mean " + *near + "?" : std::string();
}

void Compiler::error(const config::Location& at, std::string message, std::string hint) {
  ++errors_;
  diagnostics_.error(at, std::move(message), std::move(hint));
}

bool Compiler::refuse_others(const config::Node& node,
                             std::initializer_list<std::string_view> allowed,
                             std::string_view what) {
  const std::vector<std::string> candidates(allowed.begin(), allowed.end());
  bool all_known = true;
  for (const auto& [key, value] : node.members) {
    bool known = false;
    for (const std::string_view name : allowed) known = known || name == key.text;
    if (known) continue;
    all_known = false;
    error(key.at, "unknown key " + key.text + " in " + std::string(what),
          meant(key.text, candidates));
  }
  return all_known;
}

Operand Compiler::expression(const config::Node& node, const Place& place) {
  if (!node.is_scalar() || node.text.empty()) {
    error(node.at, "an expression belongs here");
    return {};
  }
  return expression(node.text, node.at, place);
}

Operand Compiler::expression(std::string_view text, const config::Location& at,
                             const Place& place) {
  Operand operand;
  expression::Problem problem;
  if (!expression::Expression::compile(text, operand.expression, problem, project_.library.get())) {
    error(config::location_in(at, text, problem.offset, problem.length), problem.message,
          problem.hint);
    return {};
  }
  if (operand.expression.depends_on_time()) {
    error(at, "a map cannot depend on the day it runs",
          "windows of time belong in attributes and audiences");
    return {};
  }
  check_fields(operand.expression, text, at, place);
  if (place.is_evidence) check_own_fields(operand.expression, text, at, place);
  operand.path = operand.expression.plain_path();
  operand.kind = operand.path.empty() ? Operand::Kind::expression : Operand::Kind::path;
  operand.first_slot = plan_->slots;
  plan_->slots += static_cast<std::uint32_t>(operand.path.size());
  return operand;
}

Operand Compiler::map_value(const config::Node& node, const Place& place) {
  if (!node.is_scalar()) {
    error(node.at, "one value belongs here");
    return {};
  }
  if (expression::looks_like_expression(node.text)) return expression(node, place);
  if (is_call_or_pipe(node.text)) {
    error(node.at, "a constant holds | or (",
          "an expression starts with . or $; text is written { const: \xE2\x80\xA6 }");
    return {};
  }
  Operand operand;
  operand.kind = Operand::Kind::constant;
  operand.constant = node.text;
  return operand;
}

Operand Compiler::key_part(const config::Node& node, const Place& place) {
  const bool is_computed =
      node.is_scalar() && (expression::looks_like_expression(node.text) ||
                           is_call_or_pipe(node.text) || node.text.starts_with('"'));
  return is_computed ? expression(node, place) : map_value(node, place);
}

Operand Compiler::field(const std::string& name) {
  std::string quoted = ".";
  append_json_string(quoted, name);
  Operand operand;
  expression::Problem problem;
  if (!expression::Expression::compile(quoted, operand.expression, problem)) {
    error(stream_.at, "the field name " + name + " of the catalog cannot be read",
          "write key: and cursor: as expressions");
    return {};
  }
  operand.kind = Operand::Kind::path;
  operand.path = {name};
  operand.first_slot = plan_->slots++;
  return operand;
}

bool Compiler::is_known_field(std::string_view name) const {
  for (const std::string& known : fields_.names) {
    if (known == name) return true;
    if (known.size() > name.size() && known[name.size()] == '.' && known.starts_with(name)) {
      return true;
    }
  }
  return false;
}

/// The part of a path that ends at something of which it is known that records no longer have it,
/// or nothing.
std::string Compiler::gone_path(const std::vector<std::string>& path) const {
  std::string name;
  for (std::size_t i = 0; i < path.size() && !fields_.gone.empty(); ++i) {
    name += (i == 0 ? "" : ".") + path[i];
    const bool is_gone =
        i > 0 && std::find(fields_.gone.begin(), fields_.gone.end(), name) != fields_.gone.end();
    if (is_gone) return name;
  }
  return {};
}

void Compiler::check_fields(const expression::Expression& expression, std::string_view text,
                            const config::Location& at, const Place& place) {
  if (fields_.names.empty()) return;
  for (const expression::FieldUse& use : expression.fields()) {
    if (use.path.empty() || (place.inside_item && !use.from_root)) continue;
    const std::string inner = gone_path(use.path);
    const std::string& name = inner.empty() ? use.path.front() : inner;
    if (inner.empty() && is_known_field(name)) continue;
    if (place.from_preset) {
      warn_of_preset_field(name, at, place);
      continue;
    }
    std::string hint;
    if (const auto near = did_you_mean(name, fields_.names)) {
      hint = "did you mean " + std::string(use.from_root ? "$." : ".") + *near + "?\n";
    }
    if (!fields_.saved_on.empty()) hint += "fields as saved on " + fields_.saved_on + "; ";
    hint += "refresh: rondom discover " + job_.name + " --save";
    error(config::location_in(at, text, use.offset, use.length),
          stream_.stream + " has no field " + name, std::move(hint));
  }
}

/// Not every account of a vendor has what the vendor's preset reads: the rest of it is of use all
/// the same.
void Compiler::warn_of_preset_field(std::string_view name, const config::Location& at,
                                    const Place& place) {
  const std::string file = at.file ? *at.file + ":" + std::to_string(at.line) : "the preset";
  const std::string key(place.target);
  diagnostics_.warning(stream_.at,
                       stream_.stream + " has no field " + std::string(name) + ", which preset " +
                           stream_.preset + " reads (" + file + ")",
                       key.empty() ? ""
                                   : "to say it otherwise, write " + key +
                                         ": in the map of this stream: it replaces the preset's");
}

void Compiler::check_own_fields(const expression::Expression& expression, std::string_view text,
                                const config::Location& at, const Place& place) {
  for (const expression::FieldUse& use : expression.fields()) {
    if (use.path.empty() || (place.inside_item && !use.from_root)) continue;
    const auto own =
        std::find_if(fields_.own.begin(), fields_.own.end(),
                     [&](const OwnField& field) { return field.name == use.path.front(); });
    if (own == fields_.own.end()) continue;
    error(config::location_in(at, text, use.offset, use.length),
          own->name + " is what job " + own->job + " writes to " + job_.connection +
              ": read back it is no evidence",
          place.from_preset ? "the preset maps it: override its key with ~"
                            : "leave it out here, or there");
  }
}

}  // namespace rondom::map
