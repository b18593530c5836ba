// merge: the records of one profile -> one value per attribute, each explainable.
//
// Pure function of the records, rules and nothing else. Ties always end at (newest observed_at,
// record name, value), so equal sets give equal bytes in any order. Rules are immutable: any
// thread.
//
// A rule with stale_after lets fresh values win first: one that was observed longer before the
// newest than that competes only among its like.
//
// Where no rule of merge.yaml names an attribute: names are taken whole from the newest record,
// death is most restrictive, one test record makes a test profile, everything else is the newest
// value.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"

namespace rondom::merge {

class Rules {
 public:
  /// Reports rules that name unknown attributes or do not fit their type. `of` is an attribute
  /// ("birth_date", "custom.tier"), a list ("emails"), a group ("name.*", "custom.*") or "*".
  Rules(const config::Project& project, config::Diagnostics& diagnostics);
  ~Rules();
  Rules(Rules&&) noexcept;
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

struct Member {
  std::string_view name;  // record_name
  std::string_view source;
  Timestamp observed_at = no_time;
  std::string_view canonical;
};

/// Most elements of one list (e-mails, addresses, identifiers of one namespace) that a profile
/// keeps; the best ones stay. Suppressions, and consents that are no "yes", all stay: their limit
/// is what its records can say.
inline constexpr std::size_t elements_per_list_max = 100;

/// One decision: the chosen cell (group as in the profile) and what it won over: the cells of other
/// records that say something else. For a united element those are cells of the same element.
struct Choice {
  Cell winner;
  std::uint32_t member = 0;  // index of the record it came from
  std::string rule;          // "trust, as one", "most recent", "united, most recent"
  config::Location rule_at;  // file and line of the deciding rule; no file = default
  /// The rule's, in microseconds; 0 = none. Whether the winner is stale today is for who asks to
  /// say.
  std::int64_t stale_after = 0;
  struct Loser {
    Cell cell;
    std::uint32_t member = 0;
    bool stale = false;  // too old beside the others to compete
  };
  std::vector<Loser> losers;
};

/// Merged cells appended to `out` (call out.bytes() for the profile's values). Cells view the
/// members' canonical bytes, or `arena` for values that had to be made.
/// Contact points, identifiers, consents, relations and tags are united, one element per distinct
/// value, each taken whole from the best record by the rule; the best element comes first, groups
/// are 1, 2, … (identifiers 0, 1, …). A contact point that any record calls invalid, bounced,
/// blocked or moved stays so, unless it was verified later. Scalars follow the rules; empty cells
/// never win. name.full is used only where no record has the parts. `explain` gets one Choice per
/// cell of `out` that this call added, in the order of out.bytes(); it is replaced, not appended
/// to.
void merge(const Rules& rules, Entity entity, const std::vector<Member>& members, Arena& arena,
           RecordBuilder& out, std::vector<Choice>* explain = nullptr);

}  // namespace rondom::merge
