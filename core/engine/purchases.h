// purchases: the orders of a profile, each once, however many systems told of it.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace rondom::engine {

/// Activities of one profile that are looked at, the newest; and records that one identifier may
/// stand on before it is nobody's in particular.
inline constexpr std::size_t activities_read_max = 10'000;
inline constexpr std::size_t carriers_max = 1'000;

/// Something a profile did. An order or opportunity may be told by several systems.
struct Activity {
  std::vector<std::string> records;  // names, the one whose word counts first
  std::string canonical;             // what they say together
};
struct Purchases {
  std::vector<Activity> orders;  // newest first
  bool complete = true;          // false: there are more activities than were looked at
};

/// What refers to one of the profile's records, and what was done under an identifier that stands
/// on this profile alone. Orders of a shared device are nobody's.
Result<Purchases> purchases_of(const config::Project& project, store::Store& store,
                               const store::Profile& profile, Timestamp as_of);

}  // namespace rondom::engine
