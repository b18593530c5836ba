// held: what a row tells of what the destination holds of one profile. Pure; any thread, each with
// its own arena.
#pragma once

#include <string>

#include "pipeline/activate/definition.h"
#include "pipeline/activate/field_map.h"

namespace rondom::activate {

/// Its last operation may have been applied: what is held there is either of two.
bool is_uncertain(const store::Delivery& row);
/// Nobody knows yet what became of its last operation.
bool is_unsettled(const store::Delivery& row);
/// Does the destination hold this profile, or may it, as far as the row tells?
bool may_be_held(const store::Delivery& row);

/// Hash of a field about which the last operations disagree: no value has it, so it is sent again.
inline constexpr std::uint64_t doubt_hash = 1;
/// The row's acknowledged fields, those in doubt marked: another operation is about to replace what
/// is pending, and with it the only trace of the doubt. The match_on field stays, to find the
/// record by.
std::string fields_with_doubts(const store::Delivery& row, std::string_view match_on);

/// As a hidden field; 0, as if not held, for the many that no record ever left.
std::uint64_t partings_hash(std::int64_t partings);
/// Has a record left the profile since the destination was last told of it?
bool parted_since(const store::Delivery& row, std::int64_t partings);

/// What the job's map looks at, and what it is given.
Value profile_for(const Definition& definition, const store::Profile& profile,
                  std::string_view contact, Arena& arena);
FieldMap::Input input_of(const Definition& definition, const Value& value, Arena& arena);

/// `{"match_on field":value}` when the destination was told this value in the row's last
/// operations, else `{}`: enough to find its record by, and nothing that it does not know.
std::string told_match(const Definition& definition, const store::Profile& profile,
                       const store::Delivery& row, Arena& arena);

/// Was it told a contact point of the profile that may not be written to, where another one may?
/// Which one it was told is seen by the fields that are other ones with it.
bool knows_refused_contact(const Definition& definition, const store::Profile& profile,
                           const Permission& permission, const store::Delivery& row, Arena& arena);

}  // namespace rondom::activate
