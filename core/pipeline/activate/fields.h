// fields: what a destination holds of a profile, as one hash per mapped field.
//
// Values themselves are not kept, so that a person's data stands in as few places as possible.
// Bytes: format number (1 byte), then per field its name's length (LEB128), the name and 8 bytes of
// hash, in order of name. Empty bytes mean: nothing is held there. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rondom::activate {

struct FieldHash {
  std::string_view name;
  std::uint64_t hash = 0;
};

/// `fields` sorted by name, names unique. Never empty, also without fields.
std::string encode_fields(const std::vector<FieldHash>& fields);
/// Views into `bytes`. Damaged bytes give the fields before the damage: the rest is sent again.
void decode_fields(std::string_view bytes, std::vector<FieldHash>& fields);
/// Of a field, or 0 when it is not held.
std::uint64_t hash_of(const std::vector<FieldHash>& fields, std::string_view name);

}  // namespace rondom::activate
