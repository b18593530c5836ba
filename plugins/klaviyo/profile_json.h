// A mapped record as Klaviyo's profile. Pure functions.
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::klaviyo {

/// What is to be written of one profile. Absent keeps, null clears.
struct ProfileFields {
  Json attributes = Json::object();
  Json location = Json::object();
  Json properties = Json::object();
  Json unset = Json::list();  // names of custom properties that are to go
  bool clears = false;        // something is to be cleared, which a bulk import cannot do
};

/// Code::config for a name that is neither Klaviyo's nor properties.<name>, and for what would
/// touch consent.
Result<ProfileFields> profile_fields(const Json& fields);
/// Leaves out what is to be cleared: a new profile has nothing of the kind.
void drop_clearing(ProfileFields& fields);
/// The resource; `id` empty = Klaviyo finds it by what identifies it, or makes it.
Json profile_of(const ProfileFields& fields, const std::string& id);

}  // namespace rondom::klaviyo
