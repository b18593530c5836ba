// identity_profile: what the records have to be told apart by: how complete, how many different
// values, and how large the blocks of the model's rules are.
#pragma once

#include <string>
#include <vector>

#include "engine/identity.h"

namespace rondom::engine {

struct AttributeProfile {
  std::string name;          // "birth_date", "custom.tier", "identifiers.kvk"
  std::int64_t records = 0;  // that have one
  std::int64_t distinct = 0;
  std::int64_t most_common = 0;  // records that carry the most common value
};

struct IdentityProfile {
  Entity entity = Entity::person;
  std::int64_t records = 0;
  std::vector<AttributeProfile> attributes;  // in the order of the canonical model
  std::vector<probabilistic::RuleCount> rules;
};

/// Of persons and organizations, those that have records.
Result<std::vector<IdentityProfile>> profile_identity(const config::Project& project,
                                                      store::Store& store,
                                                      const std::string& model_file,
                                                      std::size_t threads);

}  // namespace rondom::engine
