#include "pipeline/activate/fields.h"

#include <algorithm>

namespace rondom::activate {
namespace {

constexpr char format = 1;
constexpr std::size_t hash_bytes = 8;

void append_length(std::string& out, std::size_t length) {
  while (length >= 0x80) {
    out += static_cast<char>((length & 0x7F) | 0x80);
    length >>= 7;
  }
  out += static_cast<char>(length);
}

bool take_length(std::string_view& rest, std::size_t& length) {
  length = 0;
  for (int shift = 0; shift < 28 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    length |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

std::string encode_fields(const std::vector<FieldHash>& fields) {
  std::string bytes(1, format);
  for (const FieldHash& field : fields) {
    append_length(bytes, field.name.size());
    bytes += field.name;
    for (std::size_t byte = 0; byte < hash_bytes; ++byte) {
      bytes += static_cast<char>(field.hash >> (8 * byte));
    }
  }
  return bytes;
}

void decode_fields(std::string_view bytes, std::vector<FieldHash>& fields) {
  fields.clear();
  if (bytes.empty() || bytes.front() != format) return;
  std::string_view rest = bytes.substr(1);
  std::size_t length = 0;
  while (take_length(rest, length) && rest.size() >= length + hash_bytes) {
    FieldHash field{rest.substr(0, length), 0};
    for (std::size_t byte = 0; byte < hash_bytes; ++byte) {
      field.hash |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest[length + byte]))
                    << (8 * byte);
    }
    fields.push_back(field);
    rest.remove_prefix(length + hash_bytes);
  }
}

std::uint64_t hash_of(const std::vector<FieldHash>& fields, std::string_view name) {
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), name,
                       [](const FieldHash& field, std::string_view n) { return field.name < n; });
  return found != fields.end() && found->name == name ? found->hash : 0;
}

}  // namespace rondom::activate
