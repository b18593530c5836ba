// Definition: a destination job compiled once for planning and running. Borrows the Job; immutable
// after make_definition(); any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/activate/activate.h"
#include "pipeline/activate/field_map.h"

namespace rondom::activate {

/// Profiles planned at a time.
inline constexpr std::size_t profiles_per_chunk = 10'000;
/// The same where their activities are read too.
inline constexpr std::size_t prepared_per_chunk = 1'000;

struct Definition {
  const Job* job = nullptr;
  const config::DestinationJob* target = nullptr;
  const config::Purpose* purpose = nullptr;  // nullptr: an organization job without one
  FieldMap map;
  Entity entity = Entity::person;
  ContactKind contact = ContactKind::none;
  std::string name;  // of the destination in the store
  std::string country, time_zone;
  std::string stream;  // the destination's object, from the job's options
  std::uint64_t options_hash = 0;
  std::uint64_t map_fingerprint = 0;
  std::uint64_t fingerprint = 0;  // changes whenever an unchanged profile could be sent otherwise
  bool depends_on_time = false;
};

/// ErrorCode::bad_config when the job is no destination job or its map does not compile.
Result<Definition> make_definition(const Job& job);

/// Keys of the store's small values.
std::string definition_key(const Definition& definition);
std::string session_key(const Definition& definition);
std::string flushed_key(const Definition& definition);
std::string changes_at_key(const Definition& definition);

/// Name of the hidden field that holds the job's options: other options mean that everything held
/// at the destination is to be sent once more. Sorts before every real name.
inline constexpr std::string_view options_field = "\x01options";
/// How often a record had left the profile.
inline constexpr std::string_view partings_field = "\x01partings";

}  // namespace rondom::activate
