// permission: may this profile be reached for this purpose, and at which address?
//
// Pure function over a profile's merged consents, contact points and life facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"

namespace rondom::activate {

struct Permission {
  bool allowed = false;
  std::string reason;             // withheld: "no consent", "withdrawn", "deceased", "bounced", "test record"
  bool withdrawn = false;         // an explicit no (or expiry): on_withdrawal applies
  std::vector<std::string> contacts;  // permitted e-mail addresses or numbers, best first
  std::string decided_by;         // "granted 2026-02-02 for sanne@example.com", for explain
};

/// The newest statement per (purpose, channel, contact) counts; at equal time the most restrictive.
/// A statement without contact covers all contact points of its channel.
Permission permission_for(std::string_view profile_values, Entity entity,
                          const config::Purpose& purpose, Timestamp as_of);

}  // namespace rondom::activate
