// related: with whom a profile shares what joins nobody: a household's address, a family's e-mail.
// Private to the engine and the verbs.
//
// A household is a relation and never a reason to merge (DESIGN.md §6), so it is read from what the
// records of both say now, and is gone when they no longer say it: nothing of it is stored, and
// merging or parting people moves nobody else. Reads only; one thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "store/store.h"

namespace rondom::engine {

/// Profiles looked at; whoever shares more than that shares it with a building or a firm.
inline constexpr std::size_t related_profiles_max = 100;

struct Related {
  enum class Kind : std::uint8_t {
    household,      // one front door and one surname or contact point; or one contact point and one
                    // surname
    address,        // one front door, and nothing else in common
    contact_point,  // one e-mail address or telephone number, and nothing else
  };
  Kind kind = Kind::contact_point;
  store::ProfileId profile = 0;
  Uid uid;
  std::string title;
  std::vector<std::string>
      because;  // "same address", "same surname", "same e-mail thuis@example.com"
};
/// "household", "address", "contact point".
const char* to_text(Related::Kind kind);

struct RelatedProfiles {
  std::vector<Related> found;  // households first, then by title
  /// What stands on too many to relate anybody: "phone +31201234567 stands on 10,000 records of
  /// 10,000 people".
  std::vector<std::string> shared_by_many;
};

/// Of a person; an organization has none.
Result<RelatedProfiles> related_profiles(store::Store& store, const store::Profile& profile);

}  // namespace rondom::engine
