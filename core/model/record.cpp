#include "model/record.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/hash.h"

namespace rondom {

namespace {

void put_number(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += char(0x80 | (number & 0x7f));
    number >>= 7;
  }
  out += char(number);
}

/// What is read next, and where the bytes end.
struct Bytes {
  const char* at;
  const char* end;
};

bool take_long_number(Bytes& bytes, std::uint64_t& number) {
  constexpr int bits_max = 64;
  number = 0;
  for (int shift = 0; shift < bits_max && bytes.at != bytes.end; shift += 7) {
    const auto byte = std::uint8_t(*bytes.at++);
    if (shift == 63 && byte > 1) return false;
    number |= std::uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Nearly all are of one byte.
inline bool take_number(Bytes& bytes, std::uint64_t& number) {
  if (bytes.at == bytes.end || std::uint8_t(*bytes.at) >= 0x80) {
    return take_long_number(bytes, number);
  }
  number = std::uint8_t(*bytes.at++);
  return true;
}

inline bool take_bytes(Bytes& bytes, std::uint64_t size, std::string_view& taken) {
  if (size > static_cast<std::uint64_t>(bytes.end - bytes.at)) return false;
  taken = {bytes.at, size};
  bytes.at += size;
  return true;
}

bool has_name(AttributeId id) {
  return id == attribute::custom || id == attribute::identifier;
}

bool has_raw(const Cell& cell) {
  return cell.raw.data() != nullptr && cell.raw != cell.value;
}

auto place_of(const Cell& cell) {
  return std::make_tuple(cell.attribute, has_name(cell.attribute) ? cell.name : std::string_view(),
                         cell.group);
}

bool stands_before(const Cell& a, const Cell& b) {
  if (a.attribute != b.attribute) return a.attribute < b.attribute;
  const auto place_a = place_of(a);
  const auto place_b = place_of(b);
  if (place_a != place_b) return place_a < place_b;
  // Several cells on one place still need one order, else equal records differ in bytes.
  return std::make_tuple(a.value, has_raw(a), has_raw(a) ? a.raw : std::string_view(), a.rule) <
         std::make_tuple(b.value, has_raw(b), has_raw(b) ? b.raw : std::string_view(), b.rule);
}

void put_cell(std::string& out, const Cell& cell) {
  put_number(out, cell.attribute);
  put_number(out, cell.group);
  put_number(out, cell.value.size());
  out += cell.value;
  if (has_raw(cell)) {
    put_number(out, cell.raw.size() + 1);
    out += cell.raw;
  } else {
    put_number(out, 0);
  }
  put_number(out, std::uint64_t(cell.rule));
  if (has_name(cell.attribute)) {
    put_number(out, cell.name.size());
    out += cell.name;
  }
}

bool take_cell(Bytes& bytes, Cell& cell) {
  std::uint64_t attribute = 0;
  std::uint64_t group = 0;
  std::uint64_t size = 0;
  std::uint64_t rule = 0;
  if (!take_number(bytes, attribute) || attribute > 0xffff || !take_number(bytes, group) ||
      group > 0xffff'ffff || !take_number(bytes, size) || !take_bytes(bytes, size, cell.value) ||
      !take_number(bytes, size)) {
    return false;
  }
  cell.attribute = AttributeId(attribute);
  cell.group = std::uint32_t(group);
  cell.raw = {};
  cell.name = {};
  if (size > 0 && !take_bytes(bytes, size - 1, cell.raw)) return false;
  if (!take_number(bytes, rule) || rule > 0xff) return false;
  cell.rule = Rule(rule);
  if (!has_name(cell.attribute)) return true;
  return take_number(bytes, size) && take_bytes(bytes, size, cell.name);
}

bool needs_escape(char c) {
  return c == '.' || c == '/' || c == '\\';
}

void append_escaped(std::string& out, std::string_view part) {
  if (std::none_of(part.begin(), part.end(), needs_escape)) {
    out += part;
    return;
  }
  for (const char c : part) {
    if (needs_escape(c)) out += '\\';
    out += c;
  }
}

/// Reads one part up to `end` (or the end of the text when `end` is 0) and takes the escapes out.
bool take_part(std::string_view& rest, char end, std::string& part) {
  part.clear();
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (end != 0 && c == end) return !part.empty();
    if (c == '\\') {
      if (rest.empty() || !needs_escape(rest.front())) return false;
      c = rest.front();
      rest.remove_prefix(1);
    } else if (needs_escape(c)) {
      return false;
    }
    part += c;
  }
  return end == 0 && !part.empty();
}

}  // namespace

const char* rule_text(Rule rule) {
  static constexpr std::array<const char*, 23> texts{
      "as the source said",
      "computed by the map",
      "white space trimmed",
      "e-mail address made canonical",
      "read by the country's numbering plan",
      "international number made canonical",
      "capitals rewritten",
      "particle moved to the surname prefix",
      "taken from the full name",
      "date rewritten",
      "postcode made canonical",
      "country name to its code",
      "language name to its code",
      "gender word to its code",
      "number rewritten",
      "word to its code",
      "default value",
      "taken from the address line",
      "not certain, kept as written",
      "wrong encoding repaired",
      "names an organization, kept whole",
      "looks like a test record",
      "on the list of mailboxes",
  };
  const auto at = std::size_t(rule);
  return at < texts.size() ? texts[at] : "unknown rule";
}

void RecordBuilder::clear() {
  cells_.clear();
}

std::string_view RecordBuilder::bytes() {
  if (!std::is_sorted(cells_.begin(), cells_.end(), stands_before)) {
    std::sort(cells_.begin(), cells_.end(), stands_before);
  }
  bytes_.clear();
  for (const Cell& cell : cells_) put_cell(bytes_, cell);
  return bytes_;
}

bool RecordReader::next(Cell& cell) {
  if (rest_.empty() || damaged_) return false;
  Bytes bytes{rest_.data(), rest_.data() + rest_.size()};
  damaged_ = !take_cell(bytes, cell);
  rest_ = {bytes.at, bytes.end};
  return !damaged_;
}

std::vector<Cell> read_cells(std::string_view bytes) {
  std::vector<Cell> cells;
  RecordReader reader(bytes);
  Cell cell;
  while (reader.next(cell)) cells.push_back(cell);
  return cells;
}

std::string_view first_value(std::string_view bytes, AttributeId attribute) {
  RecordReader reader(bytes);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute) {
    if (cell.attribute == attribute) return cell.value;
  }
  return {};
}

std::string record_name(std::string_view source, std::string_view stream, std::string_view key) {
  std::string name;
  name.reserve(source.size() + stream.size() + key.size() + 8);
  append_escaped(name, source);
  name += '.';
  append_escaped(name, stream);
  name += '/';
  append_escaped(name, key);
  return name;
}

bool parse_record_name(std::string_view name, std::string& source, std::string& stream,
                       std::string& key) {
  return take_part(name, '.', source) && take_part(name, '/', stream) && take_part(name, 0, key);
}

std::string join_key(std::span<const std::string_view> parts) {
  std::string key;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) key += '/';
    append_escaped(key, parts[i]);
  }
  return key;
}

std::uint64_t identifier_hash(std::string_view name_space, std::string_view value) {
  const std::uint64_t space = hash64(name_space);
  return (space << 56) | (hash64(value, space) >> 8);
}

InvalidContactPoints::InvalidContactPoints(RecordReader rest) {
  Cell cell;
  while (rest.next(cell) && cell.attribute <= attribute::phone_status) {
    if (cell.value != "invalid") continue;
    if (cell.attribute == attribute::email_status) emails_.push_back(cell.group);
    if (cell.attribute == attribute::phone_status) phones_.push_back(cell.group);
  }
}

bool InvalidContactPoints::holds(const Cell& contact_point) const {
  const auto& groups = contact_point.attribute == attribute::email_value ? emails_ : phones_;
  return std::binary_search(groups.begin(), groups.end(), contact_point.group);
}

ActivityHead activity_head_of(std::string_view bytes) {
  constexpr AttributeId last =
      std::max({attribute::activity_party, attribute::activity_actor, attribute::activity_at});
  std::string_view party, actor;
  ActivityHead head;
  RecordReader reader(bytes);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= last) {
    std::string_view* const wanted = cell.attribute == attribute::activity_party   ? &party
                                     : cell.attribute == attribute::activity_actor ? &actor
                                     : cell.attribute == attribute::activity_at    ? &head.at
                                                                                   : nullptr;
    if (wanted != nullptr && wanted->empty()) *wanted = cell.value;
  }
  const std::size_t colon = actor.find(':');
  if (!party.empty()) {
    head.actor = identifier_hash(record_namespace, party);
  } else if (colon != std::string_view::npos) {
    head.actor = identifier_hash(actor.substr(0, colon), actor.substr(colon + 1));
  }
  return head;
}

std::uint64_t activity_actor_of(std::string_view bytes) {
  return activity_head_of(bytes).actor;
}

}  // namespace rondom
