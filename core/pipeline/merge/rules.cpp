#include "pipeline/merge/rules.h"

#include <algorithm>
#include <utility>

namespace rondom::merge {
namespace {

using config::MergeRule;

std::string kind_text(MergeRule kind) {
  switch (kind) {
    case MergeRule::most_recent: return "most recent";
    case MergeRule::trust: return "trust";
    case MergeRule::most_frequent: return "most frequent";
    case MergeRule::longest: return "longest";
    case MergeRule::shortest: return "shortest";
    case MergeRule::min: return "min";
    case MergeRule::max: return "max";
    case MergeRule::unite: return "unite";
    case MergeRule::first: return "first";
    case MergeRule::any: return "any";
    case MergeRule::all: return "all";
    case MergeRule::most_restrictive: return "most restrictive";
  }
  return "most recent";
}

CompiledRule compile(const config::AttributeMerge& from) {
  CompiledRule rule{from.of,          from.rule, from.as_one,         from.order,
                    from.stale_after, from.at,   kind_text(from.rule)};
  const auto long_form = short_form_of(from.of);
  if (!long_form.empty()) rule.of = long_form.substr(0, long_form.find('.'));
  if (rule.as_one) rule.text += ", as one";
  return rule;
}

CompiledRule built_in(std::string_view of, MergeRule kind, bool as_one) {
  config::AttributeMerge rule;
  rule.of = of;
  rule.rule = kind;
  rule.as_one = as_one;
  return compile(rule);
}

bool is_group_pattern(std::string_view of) {
  return !of.empty() && of.back() == '*';
}

// What the rule's `of` covers among the attributes of the registry.
std::vector<const AttributeInfo*> covered(Entity entity, std::string_view of) {
  std::vector<const AttributeInfo*> found;
  for (const AttributeInfo& info : attributes()) {
    if (!applies_to(info, entity)) continue;
    const bool named = info.id == attribute::custom || info.id == attribute::identifier;
    if (named) {
      const std::string prefix = std::string(info.name) + '.';
      const bool below = of.size() > prefix.size() && of.substr(0, prefix.size()) == prefix;
      if (of == "*" || below) found.push_back(&info);
    } else if (covers(of, info.name, info.group)) {
      found.push_back(&info);
    }
  }
  return found;
}

bool chooses_a_record(MergeRule kind) {
  switch (kind) {
    case MergeRule::most_recent:
    case MergeRule::trust:
    case MergeRule::most_frequent:
    case MergeRule::longest:
    case MergeRule::shortest:
    case MergeRule::first: return true;
    default: return false;
  }
}

bool has_restrictions(const AttributeInfo& info) {
  return info.type == AttributeType::boolean || info.id == attribute::death_status ||
         info.group == "consents" || info.id == attribute::custom;
}

bool is_ordered_type(const AttributeInfo& info) {
  switch (info.type) {
    case AttributeType::date:
    case AttributeType::time:
    case AttributeType::integer:
    case AttributeType::decimal:
    case AttributeType::boolean:
    case AttributeType::money: return true;
    default: return info.id == attribute::custom;
  }
}

// Empty when the rule fits at least one of the attributes it covers.
std::string misfit(const config::AttributeMerge& rule,
                   const std::vector<const AttributeInfo*>& infos) {
  const auto any_of = [&](auto&& test) {
    return std::any_of(infos.begin(), infos.end(), [&](const auto* info) { return test(*info); });
  };
  switch (rule.rule) {
    case MergeRule::any:
    case MergeRule::all:
      if (any_of([](const AttributeInfo& info) {
            return info.type == AttributeType::boolean || info.id == attribute::custom;
          })) {
        return {};
      }
      return "takes values that are true or false";
    case MergeRule::most_restrictive:
      if (any_of(has_restrictions)) return {};
      return "takes death, consents or values that are true or false";
    case MergeRule::min:
    case MergeRule::max:
      if (!rule.order.empty() || any_of(is_ordered_type)) return {};
      return "needs an order for words, such as order: [bronze, silver, gold]";
    default: return {};
  }
}

void check(Entity entity, const config::AttributeMerge& rule, config::Diagnostics& diagnostics) {
  const std::string of(compile(rule).of);
  const auto infos = covered(entity, of);
  if (infos.empty()) {
    const auto names = attribute_names(entity);
    const auto guess = did_you_mean(rule.of, names);
    diagnostics.error(rule.at, std::string(to_text(entity)) + " has no attribute " + rule.of,
                      guess ? "did you mean " + *guess + "?" : std::string());
    return;
  }
  if (rule.as_one && (!is_group_pattern(of) || of == "*")) {
    diagnostics.error(rule.at, "as_one needs a group of attributes, such as name.*");
  }
  if (rule.as_one && !chooses_a_record(rule.rule)) {
    diagnostics.error(rule.at, "as_one does not go with " + kind_text(rule.rule) +
                                   ", which does not choose a record");
  }
  if (!rule.order.empty() && rule.rule != MergeRule::min && rule.rule != MergeRule::max) {
    diagnostics.error(rule.at, "order goes with min and max only");
  }
  const std::string wrong = misfit(rule, infos);
  if (!wrong.empty()) {
    diagnostics.error(rule.at, kind_text(rule.rule) + " does not fit " + rule.of + ": it " + wrong);
  }
}

EntityRules compile_entity(Entity entity, const config::Merge& merge,
                           config::Diagnostics& diagnostics) {
  std::vector<CompiledRule> rules;
  const auto found = merge.entities.find(to_text(entity));
  if (found != merge.entities.end()) {
    for (const auto& rule : found->second) {
      check(entity, rule, diagnostics);
      rules.push_back(compile(rule));
    }
  }
  return EntityRules(entity, std::move(rules));
}

}  // namespace

bool covers(std::string_view of, std::string_view full_name, std::string_view list) {
  if (of == full_name || of == "*") return true;
  if (!list.empty() && of == list) return true;
  if (!is_group_pattern(of)) return false;
  const auto prefix = of.substr(0, of.size() - 1);
  return full_name.size() > prefix.size() && full_name.substr(0, prefix.size()) == prefix;
}

EntityRules::EntityRules(Entity entity, std::vector<CompiledRule> rules)
    : rules_(std::move(rules)) {
  rules_.push_back(built_in("name.*", MergeRule::most_recent, true));
  rules_.push_back(built_in("death.*", MergeRule::most_restrictive, false));
  rules_.push_back(built_in("test_record", MergeRule::any, false));
  rules_.push_back(built_in("*", MergeRule::most_recent, false));
  for (const AttributeInfo& info : attributes()) {
    if (!applies_to(info, entity) || info.id >= ids_max) continue;
    const auto covering = std::find_if(
        rules_.begin(), rules_.end(),
        [&](const CompiledRule& candidate) { return covers(candidate.of, info.name, info.group); });
    by_id_[info.id] = static_cast<std::uint16_t>(covering - rules_.begin());
  }
}

std::size_t EntityRules::index_for(AttributeId id, std::string_view name) const {
  const bool named = id == attribute::custom || id == attribute::identifier;
  if (!named) return id < ids_max ? by_id_[id] : rules_.size() - 1;
  std::string full(id == attribute::custom ? "custom." : "identifier.");
  full.append(name);
  for (std::size_t at = 0; at < rules_.size(); ++at) {
    if (covers(rules_[at].of, full, {})) return at;
  }
  return rules_.size() - 1;
}

std::uint32_t Rules::Inside::trust_of(std::string_view source) const {
  const auto found = std::find(trust.begin(), trust.end(), source);
  return static_cast<std::uint32_t>(found - trust.begin());
}

Rules::Rules(const config::Project& project, config::Diagnostics& diagnostics)
    : inside_(std::make_unique<Inside>()) {
  inside_->trust = project.merge.trust;
  inside_->person = compile_entity(Entity::person, project.merge, diagnostics);
  inside_->organization = compile_entity(Entity::organization, project.merge, diagnostics);
  for (const auto& [entity, rules] : project.merge.entities) {
    if (entity == "person" || entity == "organization" || rules.empty()) continue;
    diagnostics.error(rules.front().at,
                      "merge rules are for person and organization, not " + entity);
  }
}

Rules::~Rules() = default;
Rules::Rules(Rules&&) noexcept = default;

}  // namespace rondom::merge
