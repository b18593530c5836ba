// Contact points that several profiles have: a withdrawal about one holds for everybody who has it,
// so permission needs to know what other profiles' records say. All look-ups are set-wise.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/activate/activate.h"

namespace rondom::activate {

/// Records looked at for one contact point. One that stands on more is nobody's own: it is closed.
inline constexpr std::size_t records_per_contact_max = 1'000;

/// A profile that would be permitted as far as its own statements go.
struct Reached {
  const store::Profile* profile = nullptr;
  Permission* permission = nullptr;  // replaced when somebody else closed a contact point
};

/// Looks at what others say about the contacts permitted so far, and decides again where they do.
Status apply_shared_contacts(const config::Purpose& purpose, Timestamp as_of,
                             std::string_view destination, store::Store& store,
                             std::span<Reached> reached);

/// Appends the profiles (unsorted, with repeats) of all records that carry a contact point that one
/// of `profiles` carries or says something about.
Status append_sharers(const config::Purpose& purpose, std::string_view destination,
                      store::Store& store, std::span<const store::Profile> profiles,
                      std::vector<store::ProfileId>& sharers);

}  // namespace rondom::activate
