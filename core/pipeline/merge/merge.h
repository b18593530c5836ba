// merge: the records of one profile -> one value per attribute, each explainable.
//
// Pure function of the records, rules and nothing else. Ties always end at (observed_at, source,
// stream, key, content hash), so equal sets give equal bytes in any order.
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
  /// Reports rules that name unknown attributes or do not fit their type.
  Rules(const config::Project& project, config::Diagnostics& diagnostics);
  ~Rules();
  Rules(Rules&&) noexcept;
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

struct Member {
  std::string_view name;              // record_name
  std::string_view source;
  Timestamp observed_at = no_time;
  std::string_view canonical;
};

/// One decision: the chosen cell and what it won over.
struct Choice {
  Cell winner;
  std::uint32_t member = 0;           // index of the record it came from
  std::string rule;                   // "trust, as one", "most recent"
  config::Location rule_at;           // file and line of the deciding rule; no file = default
  struct Loser {
    Cell cell;
    std::uint32_t member = 0;
  };
  std::vector<Loser> losers;
};

/// Merged cells appended to `out` (call out.bytes() for the profile's values). Cells view the
/// members' canonical bytes, or `arena` for values that had to be made.
/// Contact points, identifiers, consents, relations and tags are united, one element per distinct
/// value; scalars follow the rules.
void merge(const Rules& rules, Entity entity, const std::vector<Member>& members, Arena& arena,
           RecordBuilder& out, std::vector<Choice>* explain = nullptr);

}  // namespace rondom::merge
