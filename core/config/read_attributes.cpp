// attributes/*.yaml: what stands there, completed by `like`. expand_attributes.cpp multiplies it.
#include <algorithm>
#include <array>
#include <map>

#include "config/attribute_definitions.h"
#include "config/readers.h"
#include "config/shape.h"
#include "config/standard.h"

namespace rondom::config {
namespace {

constexpr std::string_view standard_prefix = "standard.";
constexpr std::string_view standard_file = "standard attributes";

/// What any attribute gives to those that are like it …
constexpr std::array<std::string_view, 5> character = {"type", "owner", "when_missing", "purposes",
                                                       "entity"};
/// … and what only one that comes with Rondom gives too: nobody means its own value twice.
constexpr std::array<std::string_view, 5> substance = {"value", "source", "rules", "label",
                                                       "definition"};
/// One of these says how it is computed.
constexpr std::array<std::string_view, 3> computations = {"value", "source", "rules"};

template <typename Words>
bool is_among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> names_of_parts() {
  Diagnostics ignored;
  const Node standard = parse_yaml(standard_attributes(), standard_file, ignored);
  std::vector<std::string> names;
  for (const auto& [name, body] : standard.members) {
    if (activity_list_named(text_of(body, "type")) < activity_lists_count)
      names.push_back(name.text);
  }
  return names;
}

}  // namespace

bool check_rules(const Node& rules, Diagnostics& diagnostics) {
  if (rules.kind != Node::Kind::list) return false;  // its shape is reported
  if (rules.items.empty()) {
    diagnostics.error(rules.at, "a table of no rules",
                      "write at least one { value: …, because: … }");
    return false;
  }
  if (rules.items.size() > limits::attribute_rules_max) {
    diagnostics.error(
        rules.at, "a table has at most " + std::to_string(limits::attribute_rules_max) + " rules",
        "let other attributes hold a part of it");
    return false;
  }
  for (const Node& rule : rules.items) {
    if (rule.kind != Node::Kind::map) return false;
    if (&rule == &rules.items.back() || rule.find("when") != nullptr) continue;
    diagnostics.error(rule.at, "a rule without when always holds, so those behind it never do",
                      "give it a condition, or put it last");
    return false;
  }
  return true;
}

Definitions::Definitions(const std::vector<AttributeDefinition>& own, Diagnostics& diagnostics)
    : diagnostics_(diagnostics) {
  Diagnostics of_standard;
  standard_ = parse_yaml(standard_attributes(), standard_file, of_standard);
  for (const auto& [name, body] : standard_.members) {
    by_name_[std::string(standard_prefix) + name.text] = {&name, &body, true};
  }
  for (const AttributeDefinition& one : own) {
    by_name_.try_emplace(one.name.text, Definition{&one.name, &one.body, false});
  }
}

const Definition* Definitions::target_of(const Definition& definition) const {
  const std::string like = text_of(*definition.body, "like");
  const auto found = by_name_.find(like);
  return like.empty() || found == by_name_.end() ? nullptr : &found->second;
}

const Definition* Definitions::standard(std::string_view name) const {
  const auto found = by_name_.find(std::string(standard_prefix) + std::string(name));
  return found == by_name_.end() ? nullptr : &found->second;
}

bool Definitions::check_like(const Definition& definition) {
  std::vector<std::string> path = {definition.name->text};
  for (const Definition* at = &definition; at->body->find("like") != nullptr;) {
    const Node& like = *at->body->find("like");
    if (!like.is_scalar()) return false;
    const Definition* target = target_of(*at);
    if (target == nullptr) {
      if (at != &definition) return false;  // reported where it stands
      std::vector<std::string> known;
      for (const auto& [name, one] : by_name_) known.push_back(name);
      const auto near = did_you_mean(like.text, known);
      diagnostics_.error(like.at, "no attribute " + excerpt(like.text, 80) + " to be like",
                         near ? "did you mean " + *near + "?"
                              : "an attribute of attributes/*.yaml, or standard.NAME");
      return false;
    }
    const bool round = is_among(path, target->name->text) && !target->shipped;
    path.push_back(target->name->text);
    if (round) {
      std::string way;
      for (const std::string& name : path) way += (way.empty() ? "" : " -> ") + name;
      diagnostics_.error(like.at, "like goes round in a circle: " + way);
      return false;
    }
    at = target;
  }
  return true;
}

const Node* Definitions::find(const Definition& definition, std::string_view key,
                              bool& from_standard) const {
  if (const Node* own = definition.body->find(key)) {
    from_standard = definition.shipped;
    return own;
  }
  const Definition* target = target_of(definition);
  if (target == nullptr) return nullptr;
  const bool given = is_among(character, key) || (target->shipped && is_among(substance, key));
  const bool computes = is_among(computations, key);
  const bool is_computed =
      std::any_of(computations.begin(), computations.end(),
                  [&](std::string_view one) { return definition.body->find(one) != nullptr; });
  if (!given || (computes && is_computed)) return nullptr;
  return find(*target, key, from_standard);
}

std::string_view standard_attributes() {
  return standard_attributes_yaml;
}

const std::vector<std::string>& standard_parts() {
  static const std::vector<std::string> names = names_of_parts();
  return names;
}

void read_attributes(const Node& root, Reading& reading) {
  refuse_references(root, reading.diagnostics);
  for (const auto& [name, body] : root.members) {
    if (body.kind == Node::Kind::map) reading.attributes.push_back({name, body});
  }
}

}  // namespace rondom::config
