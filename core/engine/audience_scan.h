// audience_scan: who belongs to audiences as things are, apart from any destination. Writes
// nothing.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"

namespace rondom::engine {

/// Whom an audience is of: what the first job that sends to it is of; without one, people, unless
/// its lines make sense for organizations only.
Entity entity_of(const config::Project& project, const config::Audience& audience);

/// Several audiences of one kind of profile, in one scan. Asked by one thread; `threads` compute
/// attributes, with the same answers. Project and store must outlive it.
class AudienceScan {
 public:
  /// For each audience the first line that does not hold or cannot be computed, -1 for a member.
  using Visit = std::function<Status(const store::Profile& profile, std::span<const int> failing)>;

  /// ErrorCode::bad_config when a line or an attribute that it reads is not sound.
  static Result<std::unique_ptr<AudienceScan>> make(
      const config::Project& project, store::Store& store, Entity entity, Timestamp as_of,
      std::span<const config::Audience* const> audiences, std::size_t threads = 1);
  ~AudienceScan();

  /// The lines of an audience as they are printed.
  const std::vector<std::string>& lines(std::size_t audience) const;
  /// Every profile of the entity, a page at a time and by id. `page`, if given, is called after
  /// each page: what is asked of the store for a set of profiles is asked then.
  Status all(const Visit& visit, const std::function<Status()>& page = {});
  /// Of those looked at, the first line that could not be computed and how many more; empty = none.
  std::string problem() const;
  /// One profile.
  Status one(const store::Profile& profile, const Visit& visit);

 private:
  struct Inside;
  explicit AudienceScan(std::unique_ptr<Inside> inside);
  Status look(std::span<const store::Profile> profiles, const Visit& visit);
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::engine
