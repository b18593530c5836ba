// test_world: what one run of a project's test left behind, and who decided it. Private to the
// engine.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/explanation.h"
#include "engine/record_names.h"
#include "engine/stand_ins.h"

namespace rondom::engine {

/// A profile and the names of its records, sorted.
struct FoundProfile {
  store::Profile profile;
  std::vector<std::string> members;
};
struct FoundRecord {
  std::string name;
  Entity entity = Entity::person;
  std::string key;
  std::string canonical;
};

/// Read from the store once, after the run.
struct TestWorld {
  const config::Project* project = nullptr;
  store::Store* store = nullptr;
  Timestamp as_of = no_time;
  std::vector<FoundProfile> profiles;
  std::map<std::string, std::vector<FoundRecord>, std::less<>> records;  // by source.stream
  std::vector<store::QuarantineEntry> refused;
  std::vector<store::WaitingReference> waiting;
  std::map<std::string, std::vector<CapturedWrite>, std::less<>> sent;  // by job

  /// Reads everything but `sent`.
  Status load();
  const FoundProfile* profile_of(std::string_view record) const;
  const FoundProfile* profile_with_uid(std::string_view uid) const;
  Result<Explanation> explain(const FoundProfile& found) const;

  /// "identity.yaml:4", or "built in".
  std::string rule_of_namespace(std::string_view name_space) const;
};

/// "merge.yaml:4", or "built in".
std::string place_of(const config::Location& at);
/// "a ─ same e-mail x ─ b (identity.yaml:4)", with the refusal if there is one.
std::string sentence_of(const TestWorld& world, const Explanation::Link& link);
/// What stands at a path ("name.given") of a profile or record; null when nothing does.
Value value_at(const TestWorld& world, const Value& root, const std::string& path, Arena& arena);
/// Which rule chose the attribute at this path, from which record, over what; nothing when no
/// record says anything about it.
std::vector<std::string> deciders_of(const Explanation& explained, std::string_view path);

}  // namespace rondom::engine
