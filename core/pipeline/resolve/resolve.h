// resolve: which party records are one person or organization (DESIGN §7, layer 1: deterministic).
//
// A component is a set of records connected by identifiers that may join. solve() is a pure
// function of the component's records and the rules: order of input, thread count and record ids do
// not matter. Values are taken greedily in order of (priority, value); of one value the records
// that say most of who they are come first, then by name. A record joins only if class, names,
// limits and vetoes allow, and not where it may be either of two people; refused edges are returned
// with their reason.
//
// Unique identifiers join whatever the given names say (same id = same person by declaration), but
// every veto holds for them too. A join that is vetoed once stays vetoed: all conditions are sets
// that only grow, so no later edge can bring the two clusters together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"
#include "store/store.h"

namespace rondom::resolve {

/// Goes up when the same records come out as other groups: a store is resolved anew then.
inline constexpr int rules_version = 2;

/// Rules ready for use: priorities, classes, blocked globs. Immutable, any thread.
class Rules {
 public:
  explicit Rules(const config::Identity& identity);
  struct Namespace {
    std::string name;
    config::IdentifierClass strength;
    std::uint32_t max_per_profile;  // 0 = no limit; unique ones count as 1
    int priority;                   // 0 = highest
    std::vector<std::string> blocked;
    bool is_contact_point() const { return name == "email" || name == "phone"; }
    /// Is it looked at which values a profile has of it?
    bool is_counted() const { return max_per_profile > 0 || is_contact_point(); }
  };
  /// nullptr: not declared, evidence only.
  const Namespace* find(std::string_view name) const;
  bool is_blocked(const Namespace& rule, std::string_view value) const;
  /// May this identifier connect records at all (declared, not weak, not blocked)?
  bool connects(std::string_view name_space, std::string_view value) const;
  bool one_record_per_profile(std::string_view source_and_stream) const {
    return one_record_stream(source_and_stream) >= 0;
  }
  /// Number of the stream among those with one record per profile, or -1.
  int one_record_stream(std::string_view source_and_stream) const;
  const Namespace& by_priority(int priority) const {
    return namespaces_[static_cast<std::size_t>(priority)];
  }

 private:
  std::vector<Namespace> namespaces_;
  std::vector<std::string> one_record_;
};

/// A record as solve() sees it. Views into the caller's data.
struct Candidate {
  store::RecordId id = 0;
  Entity entity = Entity::person;
  std::string_view name;               // record_name: source.stream/key
  std::string_view source_and_stream;  // "crm.Contact"
  std::string_view canonical;
};

/// Of edges that a decision made, and why a join was refused by one.
inline constexpr std::string_view decision_edge = "decision";
inline constexpr std::string_view said_not_the_same = "somebody said that they are not the same";

struct Edge {
  std::uint32_t a = 0, b = 0;  // indexes into the candidates; a's name < b's name
  std::string name_space;
  std::string value;
  std::string refused;  // empty = joined, or one more reason for two already joined
};

struct Solution {
  std::vector<std::uint32_t> cluster;  // per candidate; clusters numbered by smallest record name
  std::uint32_t clusters = 0;
  std::vector<Edge> edges;  // only with `explain`; blocked and generic ones are among them
  std::vector<store::GenericIdentifier> generic;  // values that joined nobody: too many people
  std::int64_t refused = 0;                       // joins refused by names, vetoes or limits
};

/// `known_generic`: sorted identifier hashes that a recorded decision made evidence only; they join
/// nobody; those on two or more of these records are reported in `generic` with what is counted
/// now, so that the caller can lift the decision. Time is near-linear in the number of identifiers;
/// any size of component is accepted, cutting above limits::records_per_component_max is the
/// caller's. `decisions` about these and other records: "not the same" is a veto, "the same" joins
/// before anything else and whatever the limits and vetoes say, but for "not the same".
Solution solve(const Rules& rules, const std::vector<Candidate>& candidates, bool explain,
               std::span<const std::uint64_t> known_generic = {},
               std::span<const store::Decision> decisions = {});

/// Who a record is about, for counting people; each 0 when it does not say.
struct Signature {
  std::uint64_t name = 0;
  std::uint64_t email = 0, phone = 0;  // of records without a name
};

/// How many people, or organizations, there are among the signatures added: the greater number of
/// both, as likeness looks at one entity at a time and has to count the same. A person may stand
/// there with a name and without, so these two are not added up either. Beside an identifier of one
/// kind of contact point, the other one tells nameless records apart.
class PeopleCount {
 public:
  explicit PeopleCount(std::string_view name_space) : space_(name_space) {}
  void add(Entity entity, const Signature& signature);
  /// Of those added so far; time is linear in them.
  std::size_t people();

 private:
  std::string_view space_;
  std::vector<std::uint64_t> named_, nameless_, organizations_;
};
/// Adds these records. Those who say neither a name nor a contact point are not counted.
void add_people(const std::vector<Candidate>& candidates, PeopleCount& count);

/// Brings the clusters of these pairs of records together too, which likeness found (likeness.h);
/// records that are no candidates are passed over.
void join_pairs(const std::vector<Candidate>& candidates,
                std::span<const std::pair<store::RecordId, store::RecordId>> pairs,
                Solution& solution);

}  // namespace rondom::resolve
