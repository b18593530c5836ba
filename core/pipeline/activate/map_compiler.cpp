#include "pipeline/activate/map_compiler.h"

#include <algorithm>
#include <array>

namespace rondom::activate {
namespace {

constexpr std::array<std::string_view, 6> special_keys = {"when", "value",  "const",
                                                          "from", "values", "else"};

bool is_special_key(std::string_view key) {
  return std::find(special_keys.begin(), special_keys.end(), key) != special_keys.end();
}

/// { when, from, const, value, … } computes one value; any other map is an object that is sent.
bool is_special(const config::Node& node) {
  return node.find("const") != nullptr || node.find("from") != nullptr ||
         node.find("when") != nullptr || node.find("value") != nullptr;
}

}  // namespace

std::vector<Producer::Member> MapCompiler::compile(const config::Node& map) {
  std::vector<Producer::Member> targets;
  if (map.kind == config::Node::Kind::null) {
    diagnostics_.error(map.at, "a destination job needs a map", "map: { email: .permitted.email }");
    return targets;
  }
  if (map.kind != config::Node::Kind::map) {
    diagnostics_.error(map.at, "map takes a field and its value a line");
    return targets;
  }
  for (const auto& [key, node] : map.members) {
    hasher_.add(key.text);
    targets.push_back({key.text, value(node, 0)});
  }
  return targets;
}

Producer MapCompiler::value(const config::Node& node, std::size_t depth) {
  Producer producer;
  if (depth >= limits::config_depth_max) {
    diagnostics_.error(node.at, "this is nested too deep");
    return producer;
  }
  switch (node.kind) {
    case config::Node::Kind::null: return producer;
    case config::Node::Kind::scalar: return scalar(node);
    case config::Node::Kind::list:
      hasher_.add("list").add(node.items.size());
      producer.kind = Producer::Kind::list;
      for (const config::Node& item : node.items) {
        producer.items.push_back(value(item, depth + 1));
      }
      return producer;
    case config::Node::Kind::map: break;
  }
  if (is_special(node)) return special(node, depth);
  hasher_.add("object").add(node.members.size());
  producer.kind = Producer::Kind::object;
  for (const auto& [key, member] : node.members) {
    hasher_.add(key.text);
    producer.members.push_back({key.text, value(member, depth + 1)});
  }
  return producer;
}

Producer MapCompiler::scalar(const config::Node& node) {
  Producer producer;
  if (expression::looks_like_expression(node.text)) {
    if (expression(node, producer.expression)) {
      producer.kind = Producer::Kind::expression;
      check_contact(producer.expression, node);
    }
    return producer;
  }
  if (node.text.find_first_of("|(") != std::string::npos) {
    diagnostics_.error(node.at, "a constant holds | or (",
                       "an expression starts with . or $; text is written { const: … }");
    return producer;
  }
  return constant(node);
}

Producer MapCompiler::constant(const config::Node& node) {
  Producer producer;
  if (node.kind == config::Node::Kind::null) return producer;
  producer.kind = Producer::Kind::constant;
  producer.json = config::to_json(node);
  hasher_.add("constant").add(producer.json);
  return producer;
}

Producer MapCompiler::special(const config::Node& node, std::size_t depth) {
  const config::Node* when = node.find("when");
  const config::Node* from = node.find("from");
  const config::Node* fixed = node.find("const");
  const config::Node* computed = node.find("value");
  static const std::vector<std::string> known = {"when", "value",  "const",
                                                 "from", "values", "else"};
  Producer producer;
  bool all_known = true;
  for (const auto& [key, member] : node.members) {
    if (is_special_key(key.text)) continue;
    all_known = false;
    const auto near = did_you_mean(key.text, known);
    diagnostics_.error(key.at, "unknown key " + key.text + " in a value",
                       near ? "did you mean " + *near + "?"
                            : "a value takes when, value, const, from, values and else");
  }
  if (!all_known) return producer;
  if ((from != nullptr) + (fixed != nullptr) + (computed != nullptr) != 1) {
    diagnostics_.error(node.at, "a value takes exactly one of value, const and from");
    return producer;
  }
  if (from == nullptr && (node.find("values") != nullptr || node.find("else") != nullptr)) {
    diagnostics_.error(node.at, "values and else belong to from");
    return producer;
  }
  if (fixed != nullptr) producer = constant(*fixed);
  if (computed != nullptr) producer = value(*computed, depth + 1);
  if (from != nullptr) words(node, *from, depth, producer);
  if (when == nullptr) return producer;
  if (!producer.when.present()) {
    expression(*when, producer.when);
    return producer;
  }
  diagnostics_.error(when->at, "one when is enough for a value", "join them with and");
  return producer;
}

void MapCompiler::words(const config::Node& node, const config::Node& from, std::size_t depth,
                        Producer& producer) {
  const config::Node* values = node.find("values");
  if (values == nullptr || values->kind != config::Node::Kind::map || values->members.empty()) {
    diagnostics_.error(node.at, "from needs values: our words and theirs",
                       "values: { female: F, male: M }");
    return;
  }
  if (!expression(from, producer.expression)) return;
  producer.kind = Producer::Kind::words;
  for (const auto& [word, gives] : values->members) {
    hasher_.add(word.text);
    producer.members.push_back({word.text, value(gives, depth + 1)});
  }
  std::stable_sort(producer.members.begin(), producer.members.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const config::Node* otherwise = node.find("else");
  if (otherwise == nullptr) return;
  hasher_.add("else");
  producer.items.push_back(value(*otherwise, depth + 1));
}

bool MapCompiler::expression(const config::Node& node, expression::Expression& out) {
  if (!node.is_scalar() || node.text.empty()) {
    diagnostics_.error(node.at, "an expression belongs here");
    return false;
  }
  expression::Problem problem;
  if (!expression::Expression::compile(node.text, out, problem, library_)) {
    diagnostics_.error(config::location_in(node.at, node.text, problem.offset, problem.length),
                       problem.message, problem.hint);
    return false;
  }
  hasher_.add("expression").add(out.meaning());
  depends_on_time_ = depends_on_time_ || out.depends_on_time();
  check_fields(node);
  return true;
}

/// The best address of a profile need not be the one that said yes: it may be the one that said no.
void MapCompiler::check_contact(const expression::Expression& expression,
                                const config::Node& node) {
  if (contact_.empty()) return;
  const std::string list = std::string(contact_) + "s";
  for (const expression::FieldUse& use : expression.fields()) {
    if (use.path.empty() || (use.path.front() != contact_ && use.path.front() != list)) continue;
    diagnostics_.error(config::location_in(node.at, node.text, use.offset, use.length),
                       "." + use.path.front() + " may be one that said no to this purpose",
                       "the one that may be used is .permitted." + std::string(contact_));
  }
}

void MapCompiler::check_fields(const config::Node& node) {
  if (schema_ == nullptr) return;
  (void)config::shape_of(
      node.text, library_, *schema_,
      [&](std::size_t offset, std::size_t length, const std::string& message,
          const std::string& hint) {
        diagnostics_.error(config::location_in(node.at, node.text, offset, length), message, hint);
      });
}

}  // namespace rondom::activate
