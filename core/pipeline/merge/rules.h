// rules: merge.yaml compiled for look-up by attribute. Immutable after construction, any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/merge/merge.h"

namespace rondom::merge {

struct CompiledRule {
  std::string of;
  config::MergeRule kind = config::MergeRule::most_recent;
  bool as_one = false;
  std::vector<std::string> order;  // min and max: worst first
  std::int64_t stale_after = 0;    // microseconds; 0 = values do not go stale
  config::Location at;             // no file = built in
  std::string text;                // "trust, as one"
};

class EntityRules {
 public:
  EntityRules() = default;
  /// The built-in rules follow the given ones: every attribute finds one.
  EntityRules(Entity entity, std::vector<CompiledRule> rules);
  /// Index of the first rule that covers the attribute; `name` for custom and identifier.
  std::size_t index_for(AttributeId id, std::string_view name) const;
  const CompiledRule& rule(std::size_t index) const { return rules_[index]; }

 private:
  static constexpr std::size_t ids_max = 256;
  std::vector<CompiledRule> rules_;
  std::array<std::uint16_t, ids_max> by_id_{};
};

struct Rules::Inside {
  std::vector<std::string> trust;
  EntityRules person;
  EntityRules organization;

  const EntityRules& of(Entity entity) const {
    return entity == Entity::organization ? organization : person;
  }
  /// Place in the list of trust; sources that are not in it share the last one.
  std::uint32_t trust_of(std::string_view source) const;
};

/// Does `of` cover the attribute of that full name ("custom.tier") in that list ("" = scalar)?
bool covers(std::string_view of, std::string_view full_name, std::string_view list);

}  // namespace rondom::merge
