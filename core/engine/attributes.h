// attributes: derived attributes of stored profiles, computed when they are read.
//
// Nothing is stored of them yet (docs/decisions/0023): who reads an attribute computes it from the
// profile and its activities as they are now, as of the run's moment.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/activities.h"
#include "engine/engine.h"
#include "pipeline/enrich/enrich.h"

namespace rondom::engine {

/// Top-level names that the audience, or any expression below the node, reads.
void collect_names(const config::Audience& audience, const expression::Library* library,
                   std::set<std::string>& names);
void collect_names(const config::Node& map, const expression::Library* library,
                   std::set<std::string>& names);

/// Compiles every attribute, for its problems.
void check_attributes(const config::Project& project, config::Diagnostics& diagnostics);
/// Reports attributes that a destination job reads and that may not be used for its purpose.
void check_purposes(const config::Project& project, const config::Job& job,
                    config::Diagnostics& diagnostics);

/// Asked by one thread; what it computes is the same for any number of threads of its own. Project
/// and store must outlive it. Threads beside the first read what was committed.
class AttributeReader {
 public:
  /// `names`: what is wanted, names that are no attributes left out; nullptr = all of the
  /// entity but parts of others.
  /// ErrorCode::bad_config when a definition is not sound.
  static Result<std::unique_ptr<AttributeReader>> make(
      const config::Project& project, store::Store& store, Entity entity, Timestamp as_of,
      const std::set<std::string>* names, std::size_t threads = 1, const SweepLimits& limits = {});
  ~AttributeReader();

  /// Is there anything that profile_value() alone does not give?
  bool needed() const;
  const enrich::Plan& plan() const;
  const std::vector<std::uint32_t>& wanted() const;
  std::uint64_t fingerprint() const;

  /// Computes the attributes of these profiles; what was computed before is forgotten. Who loads
  /// everybody, page by page in the order of their ids, has their activities as they were when a
  /// page began that was far enough on (ActivitySweep).
  Status load(std::span<const store::Profile> profiles, enrich::Changes changes);
  /// Of a profile of the last load() and of the entity, in order of wanted(); empty for others.
  std::span<const enrich::Computed> computed(store::ProfileId profile) const;
  /// The profile with its attributes, and the activities where they were named. Lives in `arena`
  /// and until the next load().
  Value profile_value(const store::Profile& profile, Arena& arena) const;
  /// After load() of one profile.
  std::vector<enrich::Evidence> evidence(std::uint32_t attribute) const;
  std::vector<std::uint32_t> inputs(std::uint32_t attribute) const;
  /// After load() of one profile: what it did.
  const Activities& activities() const;

 private:
  struct Inside;
  explicit AttributeReader(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

/// The attributes of a loaded profile that have a value, one JSON object; empty without attributes.
std::string attributes_json(const AttributeReader& reader, const store::Profile& profile);
/// For export_profiles(): the attributes that have a value, of persons and organizations, as of
/// that moment; empty when the project has none. Project and store must outlive it.
Result<ExportedAttributes> exported_attributes(const config::Project& project, store::Store& store,
                                               Timestamp as_of, std::size_t threads = 1);

/// As exports write it: numbers, true and false as JSON's, money as
/// {"amount":"19.90","currency":"EUR"}, all else as text.
void append_attribute_json(std::string& out, const Value& value);

}  // namespace rondom::engine
