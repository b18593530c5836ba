#include <algorithm>

#include "pipeline/resolve/resolve.h"

namespace rondom::resolve {

Rules::Rules(const config::Identity& identity) : one_record_(identity.one_record_per_profile) {
  namespaces_.reserve(identity.identifiers.size());
  for (const config::IdentifierRule& rule : identity.identifiers) {
    if (find(rule.name_space) != nullptr) continue;
    Namespace made;
    made.name = rule.name_space;
    made.strength = rule.strength;
    made.max_per_profile =
        rule.strength == config::IdentifierClass::unique ? 1 : rule.max_per_profile;
    made.priority = static_cast<int>(namespaces_.size());
    made.blocked = rule.blocked;
    namespaces_.push_back(std::move(made));
  }
  std::sort(one_record_.begin(), one_record_.end());
}

const Rules::Namespace* Rules::find(std::string_view name) const {
  for (const Namespace& rule : namespaces_) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

bool Rules::is_blocked(const Namespace& rule, std::string_view value) const {
  return std::any_of(rule.blocked.begin(), rule.blocked.end(),
                     [&](const std::string& glob) { return glob_match(glob, value); });
}

bool Rules::connects(std::string_view name_space, std::string_view value) const {
  const Namespace* rule = find(name_space);
  return rule != nullptr && rule->strength != config::IdentifierClass::weak && !value.empty() &&
         !is_blocked(*rule, value);
}

int Rules::one_record_stream(std::string_view source_and_stream) const {
  const auto found = std::lower_bound(one_record_.begin(), one_record_.end(), source_and_stream);
  if (found == one_record_.end() || *found != source_and_stream) return -1;
  return static_cast<int>(found - one_record_.begin());
}

}  // namespace rondom::resolve
