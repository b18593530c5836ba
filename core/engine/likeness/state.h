// state: what the stored index of likeness was made with, and what it counts. Private to the
// engine.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/ties.h"
#include "pipeline/resolve/likeness.h"

namespace rondom::engine {

/// People, organizations: the entities that are compared, each with its own model.
inline constexpr std::array compared_entities = {Entity::person, Entity::organization};

/// The models of a project, one an entity. Immutable, any thread.
struct LikenessModels {
  std::vector<probabilistic::Model> of_entity;  // as in compared_entities
  std::string fingerprint;                      // of models and thresholds
  static Result<LikenessModels> load(const config::Project& project);
};

struct LikenessState {
  /// Models, identity rules and the form of the index: with others it is of no use.
  std::string made_with;
  std::string generic;        // fingerprint of the identifiers that were no evidence
  std::int64_t possible = 0;  // stored pairs that may be one
  struct OfEntity {
    std::int64_t records = 0;
    probabilistic::BlockSizes sizes;
  };
  std::vector<OfEntity> of_entity;  // as in compared_entities
  std::int64_t records() const;

  std::string to_text() const;
  /// Nothing when there is no index, or none that these models and rules can go on with.
  static Result<std::optional<LikenessState>> load(store::Store& store, const UnifyJob& job,
                                                   const LikenessModels& models);
  static std::string made_with_of(const UnifyJob& job, const LikenessModels& models);
  static std::string generic_of(const std::vector<std::uint64_t>& identifiers);
};

/// The key of a block in the store: that of blocking.h, with the entity in its first bit.
std::uint64_t stored_key(Entity entity, std::uint64_t key);

/// A block with more members is kept as a number: long before it is compared again, everything is.
std::int64_t members_kept_max(const probabilistic::Model& model);

/// What clustering says, as the store keeps it, by (a, b).
std::vector<store::Alike> stored_pairs(const resolve::Likeness& likeness,
                                       const probabilistic::Clusters& clusters);

}  // namespace rondom::engine
