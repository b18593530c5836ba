// Audiences, identity.yaml and merge.yaml.
#include <algorithm>
#include <charconv>

#include "config/readers.h"
#include "config/shape.h"

namespace rondom::config {
namespace {

Condition read_condition(const Node& node, std::string_view inside, Reading& reading);

std::vector<Condition> read_conditions(const Node& list, std::string_view name, Reading& reading) {
  std::vector<Condition> conditions;
  if (list.kind != Node::Kind::list || list.items.empty()) {
    reading.diagnostics.error(list.at, std::string(name) + " must be a list of conditions");
    return conditions;
  }
  for (const Node& item : list.items) conditions.push_back(read_condition(item, name, reading));
  return conditions;
}

// Recursion is bounded by limits::config_depth_max, which the reader enforces.
Condition read_condition(const Node& node, std::string_view inside, Reading& reading) {
  static const std::vector<std::string> words = {"all", "any", "not"};
  Condition condition;
  condition.at = node.at;
  if (node.is_scalar() && !node.text.empty()) {
    condition.expression = {node.text, node.at};
    check_expression(condition.expression, reading);
    return condition;
  }
  if (node.kind != Node::Kind::map || node.members.size() != 1) {
    const std::string subject = inside == "not" ? "" : "each item of ";
    reading.diagnostics.error(node.at, subject + std::string(inside) +
                                           " must be an expression, or one of any:, all: and not:");
    return condition;
  }
  const auto& [key, value] = node.members.front();
  if (key.text == "any" || key.text == "all") {
    condition.kind = key.text == "any" ? Condition::Kind::any : Condition::Kind::all;
    condition.children = read_conditions(value, key.text, reading);
  } else if (key.text == "not") {
    condition.kind = Condition::Kind::negation;
    condition.children.push_back(read_condition(value, key.text, reading));
  } else {
    report_unknown(key.at, "condition in " + std::string(inside) + ":", key.text, words,
                   reading.diagnostics);
  }
  return condition;
}

bool is_namespace(std::string_view name) {
  return is_plain_name(name) && name.find('-') == std::string_view::npos &&
         lower_ascii(name) == name;
}

std::uint32_t count_of(const Node& map, std::string_view key) {
  const std::string text = text_of(map, key);
  std::uint32_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void check_expiry(const Node& node, const IdentifierRule& rule, Diagnostics& diagnostics) {
  const Node* expires = node.find("expires_after");
  if (expires == nullptr || !expires->is_scalar()) return;
  if (!parse_duration(expires->text)) {
    diagnostics.error(expires->at, "expires_after must be a duration such as 90d");
  } else if (rule.strength != IdentifierClass::weak) {
    // A weak identifier joins nobody by itself, so forgetting it later changes no profile.
    diagnostics.error(expires->at,
                      "expires_after is supported for class weak only by this version");
  }
}

IdentifierRule read_identifier(const Node& node, Reading& reading) {
  IdentifierRule rule;
  rule.name_space = text_of(node, "namespace");
  rule.at = node.at;
  const std::string strength = text_of(node, "class");
  if (strength == "unique") rule.strength = IdentifierClass::unique;
  if (strength == "strong") rule.strength = IdentifierClass::strong;
  rule.max_per_profile = count_of(node, "max_per_profile");
  rule.blocked = texts_of(node, "blocked");
  const Node* name = node.find("namespace");
  if (name != nullptr && name->is_scalar() && !name->text.empty() && !is_namespace(name->text)) {
    reading.diagnostics.error(name->at,
                              "a namespace holds small letters, digits and _ and starts with a "
                              "letter");
  }
  const Node* most = node.find("max_per_profile");
  if (most != nullptr && most->is_scalar() && strength == "unique") {
    reading.diagnostics.error(most->at, "a unique identifier is one per profile by itself",
                              "remove max_per_profile");
  }
  check_expiry(node, rule, reading.diagnostics);
  return rule;
}

IdentifierRule built_in(const char* name, IdentifierClass strength) {
  IdentifierRule rule;
  rule.name_space = name;
  rule.strength = strength;
  return rule;
}

std::optional<MergeRule> merge_rule(std::string_view name) {
  static const std::map<std::string_view, MergeRule> rules = {
      {"most_recent", MergeRule::most_recent},
      {"trust", MergeRule::trust},
      {"most_frequent", MergeRule::most_frequent},
      {"longest", MergeRule::longest},
      {"shortest", MergeRule::shortest},
      {"min", MergeRule::min},
      {"max", MergeRule::max},
      {"union", MergeRule::unite},
      {"first", MergeRule::first},
      {"any", MergeRule::any},
      {"all", MergeRule::all},
      {"most_restrictive", MergeRule::most_restrictive}};
  const auto found = rules.find(name);
  if (found == rules.end()) return std::nullopt;
  return found->second;
}

// What a rule of this kind decides must not fade with time: a death or a withdrawal stays true.
bool may_go_stale(MergeRule rule) {
  return rule != MergeRule::first && rule != MergeRule::any && rule != MergeRule::all &&
         rule != MergeRule::most_restrictive;
}

std::int64_t read_stale_after(const Node& node, MergeRule rule, Diagnostics& diagnostics) {
  const Node* stale = node.find("stale_after");
  if (stale == nullptr || !stale->is_scalar()) return 0;
  const std::optional<std::int64_t> duration = parse_duration(stale->text);
  if (!duration) {
    diagnostics.error(stale->at, "stale_after must be a duration such as 730d");
    return 0;
  }
  if (!may_go_stale(rule)) {
    diagnostics.error(stale->at, "stale_after does not go with rule " + text_of(node, "rule") +
                                     ", whose answer does not fade");
    return 0;
  }
  return *duration;
}

AttributeMerge read_attribute_merge(const Node& node, Reading& reading) {
  AttributeMerge merge;
  merge.at = node.at;
  merge.of = text_of(node, "of");
  merge.rule = merge_rule(text_of(node, "rule")).value_or(MergeRule::most_recent);
  merge.as_one = boolean_of(node, "as_one", false);
  merge.order = texts_of(node, "order");
  merge.stale_after = read_stale_after(node, merge.rule, reading.diagnostics);
  const Node* order = node.find("order");
  const bool ordered = merge.rule == MergeRule::min || merge.rule == MergeRule::max;
  if (order != nullptr && order->kind == Node::Kind::list && !ordered) {
    reading.diagnostics.error(order->at, "order goes with rule min or max");
  }
  if (merge.rule == MergeRule::trust && reading.project.merge.trust.empty()) {
    const Node* rule = node.find("rule");
    reading.diagnostics.error(rule->at, "rule trust needs a trust: list in this file");
  }
  return merge;
}

void read_entity(const Node& root, const char* entity, Reading& reading) {
  const Node* list = list_of(root, entity);
  if (list == nullptr) return;
  std::vector<AttributeMerge>& rules = reading.project.merge.entities[entity];
  std::map<std::string, int> lines;
  for (const Node& item : list->items) {
    if (item.kind != Node::Kind::map) continue;
    AttributeMerge merge = read_attribute_merge(item, reading);
    const auto [first, is_new] = lines.emplace(merge.of, item.at.line);
    if (!is_new && !merge.of.empty()) {
      reading.diagnostics.error(
          item.at, merge.of + " has a rule already, on line " + std::to_string(first->second));
    }
    rules.push_back(std::move(merge));
  }
}

AttributeMerge default_rule(const char* of, MergeRule rule, bool as_one) {
  AttributeMerge merge;
  merge.of = of;
  merge.rule = rule;
  merge.as_one = as_one;
  return merge;
}

void add_texts(const std::vector<std::string>& texts, Hasher& hasher) {
  hasher.add(static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) hasher.add(text);
}

}  // namespace

void read_audience(const Node& root, Reading& reading) {
  if (root.kind != Node::Kind::map) return;
  refuse_references(root, reading.diagnostics);
  Audience audience;
  audience.at = root.at;
  audience.name = text_of(root, "audience");
  if (const Node* name = root.find("audience")) {
    audience.at = name->at;
    check_name(name, "an audience", reading.diagnostics);
  }
  if (const Node* all = list_of(root, "all")) {
    audience.all = read_conditions(*all, "all", reading);
  }
  reading.project.audiences.push_back(std::move(audience));
}

namespace {

/// A probability that says more than chance; 0 when it is not given or wrong.
double read_probability(const Node& map, std::string_view key, Diagnostics& diagnostics) {
  const Node* node = map.find(key);
  if (node == nullptr) return 0;
  double value = 0;
  const std::string& text = node->text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = node->is_scalar() && error == std::errc() && end == text.data() + text.size();
  if (whole && value >= 0.5 && value < 1) return value;
  diagnostics.error(node->at, std::string(key) + " must be a probability from 0.5 to below 1",
                    "such as 0.99");
  return 0;
}

Probabilistic read_probabilistic(const Node& map, Diagnostics& diagnostics) {
  Probabilistic alike;
  alike.model = text_of(map, "model");
  alike.merge_at = read_probability(map, "merge_at", diagnostics);
  alike.review_at = read_probability(map, "review_at", diagnostics);
  alike.at = map.at;
  if (alike.merge_at > 0 && alike.review_at > alike.merge_at) {
    diagnostics.error(map.at, "review_at is above merge_at: nothing would be left to review");
  }
  return alike;
}

}  // namespace

void read_identity(const Node& root, Reading& reading) {
  if (root.kind != Node::Kind::map) return;
  refuse_references(root, reading.diagnostics);
  Identity& identity = reading.project.identity;
  if (const Node* list = list_of(root, "identifiers")) {
    std::map<std::string, int> lines;
    for (const Node& item : list->items) {
      if (item.kind != Node::Kind::map) continue;
      IdentifierRule rule = read_identifier(item, reading);
      const auto [first, is_new] = lines.emplace(rule.name_space, item.at.line);
      if (!is_new && !rule.name_space.empty()) {
        reading.diagnostics.error(item.at, rule.name_space + " is declared already, on line " +
                                               std::to_string(first->second));
        continue;
      }
      identity.identifiers.push_back(std::move(rule));
    }
  }
  if (const Node* list = list_of(root, "one_record_per_profile")) {
    for (const Node& item : list->items) {
      if (!item.is_scalar() || item.text.empty()) continue;
      identity.one_record_per_profile.push_back(item.text);
      reading.uses.push_back({NameUse::Kind::stream, item.text, item.at});
    }
  }
  if (const Node* map = map_of(root, "probabilistic")) {
    identity.probabilistic = read_probabilistic(*map, reading.diagnostics);
  }
}

void complete_identity(Identity& identity) {
  std::vector<IdentifierRule> known = {
      built_in("kvk", IdentifierClass::unique), built_in("vat", IdentifierClass::unique),
      built_in("lei", IdentifierClass::unique), built_in("email", IdentifierClass::strong),
      built_in("phone", IdentifierClass::strong)};
  constexpr std::uint32_t contact_points_max = 5;
  known[3].max_per_profile = contact_points_max;
  known[3].blocked = {"info@*", "test@*", "noreply@*", "no-reply@*"};
  known[4].max_per_profile = contact_points_max;
  for (IdentifierRule& rule : known) {
    const bool declared =
        std::any_of(identity.identifiers.begin(), identity.identifiers.end(),
                    [&](const IdentifierRule& own) { return own.name_space == rule.name_space; });
    if (!declared) identity.identifiers.push_back(std::move(rule));
  }
}

void read_merge(const Node& root, Reading& reading) {
  if (root.kind != Node::Kind::map) return;
  refuse_references(root, reading.diagnostics);
  if (const Node* trust = list_of(root, "trust")) {
    for (const Node& item : trust->items) {
      if (!item.is_scalar() || item.text.empty()) continue;
      reading.project.merge.trust.push_back(item.text);
      reading.uses.push_back({NameUse::Kind::connection, item.text, item.at});
    }
  }
  read_entity(root, "person", reading);
  read_entity(root, "organization", reading);
}

void complete_merge(Merge& merge) {
  for (const char* entity : {"person", "organization"}) {
    std::vector<AttributeMerge>& rules = merge.entities[entity];
    const auto rest = std::find_if(rules.begin(), rules.end(),
                                   [](const AttributeMerge& rule) { return rule.of == "*"; });
    const bool states_rest = rest != rules.end();
    // A rule for all the rest does not say that somebody who died is alive again, or that a test is
    // none.
    std::vector<AttributeMerge> known;
    if (std::string_view(entity) == "person") {
      if (!states_rest) known.push_back(default_rule("name.*", MergeRule::most_recent, true));
      known.push_back(default_rule("death.*", MergeRule::most_restrictive, false));
    }
    known.push_back(default_rule("test_record", MergeRule::any, false));
    rules.insert(rest, known.begin(), known.end());
    if (!states_rest) rules.push_back(default_rule("*", MergeRule::most_recent, false));
  }
}

std::uint64_t fingerprint(const Identity& identity) {
  Hasher hasher;
  for (const IdentifierRule& rule : identity.identifiers) {
    hasher.add(rule.name_space).add(static_cast<std::uint64_t>(rule.strength));
    hasher.add(static_cast<std::uint64_t>(rule.max_per_profile));
    std::vector<std::string> blocked = rule.blocked;
    std::sort(blocked.begin(), blocked.end());
    add_texts(blocked, hasher);
  }
  std::vector<std::string> streams = identity.one_record_per_profile;
  std::sort(streams.begin(), streams.end());
  add_texts(streams, hasher);
  if (const auto& alike = identity.probabilistic) {
    hasher.add(alike->model).add(std::to_string(alike->merge_at));
    hasher.add(std::to_string(alike->review_at));
  }
  return hasher.value();
}

std::uint64_t fingerprint(const Merge& merge) {
  Hasher hasher;
  add_texts(merge.trust, hasher);
  for (const auto& [entity, rules] : merge.entities) {
    hasher.add(entity).add(static_cast<std::uint64_t>(rules.size()));
    for (const AttributeMerge& rule : rules) {
      hasher.add(rule.of).add(static_cast<std::uint64_t>(rule.rule));
      hasher.add(static_cast<std::uint64_t>(rule.as_one));
      hasher.add(static_cast<std::uint64_t>(rule.stale_after));
      add_texts(rule.order, hasher);
    }
  }
  return hasher.value();
}

}  // namespace rondom::config
