// relations: with whom a profile's records, and those of others, say that it belongs: employs,
// contact_of, subsidiary_of, site_of, … Private to the engine and the verbs.
//
// Each side tells its own: a contact's record names the account, the account's names nobody. Both
// are found here, and nothing is stored for it: who refers to a record is known since references
// wait (docs/decisions/0013). What held once is there as well. Reads only; one thread.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace rondom::engine {

/// Records of others looked at for each record of the profile.
inline constexpr std::size_t referring_records_max = 1'000;

struct Relation {
  std::string type, role;
  bool told_by_other =
      false;           // the other side's record says it, and names a record of this profile
  std::string record;  // that the relation names, source.stream/key
  Uid uid;             // of the other side; of nobody while the record is not here
  std::string title;   // empty: not here yet
  std::string valid_from, valid_to;  // RFC 3339; empty: no bound
  Holds holds = Holds::now;
};
/// "now", "former", "to come".
const char* to_text(Holds holds);

struct Relations {
  std::vector<Relation>
      all;               // what holds first, then what will, then what did; own ones before others'
  bool complete = true;  // false: more records name this profile than were looked at
};

Result<Relations> relations_of(store::Store& store, const store::Profile& profile, Timestamp as_of);

/// [{"type":…,"role":…,"told_by":"this"|"other","record":…,"profile":…,"title":…,"valid_from":…,"valid_to":…,"holds":…}]
std::string relations_json(const Relations& relations);

}  // namespace rondom::engine
