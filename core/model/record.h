// Record: the cells of one canonical record or profile, as one flat byte string.
//
// A cell is (attribute, group, value, raw, rule): value is the canonical text (see
// Value::to_text), raw the text the source gave when it differs, rule the normaliser that made one
// from the other. Cells of a list attribute that share `group` belong to one element: one e-mail
// with its usage, one order line. Group numbers are 1, 2, … in order of the source; scalars have 0.
//
// The bytes are what the store keeps ("canonical"). Layout, all integers LEB128 unsigned:
//   cell = attribute group value_size value raw_size_plus_1 raw rule [name_size name]
// raw_size_plus_1 is 0 when raw equals value; name only for attribute::custom and ::identifier.
// Cells stand sorted by (attribute, name, group): equal records are equal bytes.
//
// RecordBuilder: one thread. RecordReader: a view, valid while the bytes live; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/attribute.h"

namespace rondom {

/// Which normaliser made `value` from `raw`; stable numbers, shown by explain through rule_text().
enum class Rule : std::uint8_t {
  none = 0,            // value is what the source said
  mapped = 1,          // by an expression of the map
  trimmed = 2,         // white space, control characters, NFC
  email = 3,           // RFC 5321/5322, domain lower case, IDNA
  phone_national = 4,  // read by a country's numbering plan: no country code in the text
  phone_international = 5,
  name_case = 6,      // ALL CAPS or all lower rewritten
  name_particle = 7,  // "van der" moved to surname_prefix
  name_split = 8,     // parts taken from a full name
  date_format = 9,
  postcode = 10,
  country_name = 11,
  language_name = 12,
  gender_word = 13,
  number_format = 14,
  code_word = 15,
  default_value = 16,      // from `else`, defaults or a constant
  address_split = 17,      // parts taken from an address line
  uncertain = 18,          // more than one reading: kept as the source wrote it
  encoding_repaired = 19,  // UTF-8 that was read as Windows-1252, read properly
  organization_name = 20,  // an organization where a person's name belongs: kept whole
  test_pattern = 21,       // looks like a record made to try things out
  mailbox_list = 22,       // the list of role and of disposable mailboxes
};
const char* rule_text(Rule rule);

struct Cell {
  AttributeId attribute = 0;
  std::uint32_t group = 0;
  std::string_view value;
  std::string_view raw;  // empty data() == nullptr means: equal to value
  Rule rule = Rule::none;
  std::string_view name;  // custom.<name>, identifier.<name>
};

class RecordBuilder {
 public:
  void clear();
  /// Copies nothing but the views: what they point to must live until bytes() was called.
  void add(const Cell& cell) { cells_.push_back(cell); }
  std::vector<Cell>& cells() { return cells_; }
  bool empty() const { return cells_.empty(); }
  /// Sorts the cells and writes them. The view is valid until the next call on this builder.
  std::string_view bytes();

 private:
  std::vector<Cell> cells_;
  std::string bytes_;
};

class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}
  /// False at the end or at bytes that are no record (then damaged() is true).
  bool next(Cell& cell);
  bool damaged() const { return damaged_; }

 private:
  std::string_view rest_;
  bool damaged_ = false;
};

/// All cells, for code that looks at them more than once.
std::vector<Cell> read_cells(std::string_view bytes);
/// First value of a scalar attribute, or empty.
std::string_view first_value(std::string_view bytes, AttributeId attribute);

/// One name for a record everywhere: "source.stream/key", with '.' '/' and '\\' inside the three
/// parts escaped by a backslash.
std::string record_name(std::string_view source, std::string_view stream, std::string_view key);
/// Splits a record_name; false when it is none. No part of a record_name is empty.
bool parse_record_name(std::string_view name, std::string& source, std::string& stream,
                       std::string& key);
/// The key of several parts (`key: [guest, .id]`) as one text: parts escaped the same way, joined
/// by '/'.
std::string join_key(std::span<const std::string_view> parts);

/// Identifier of (namespace, value): what postings and activities are keyed by. Its top byte is a
/// tag of the namespace alone, so that a scan can tell values that never join from those that may
/// (two namespaces may share a tag: it only ever means "may").
std::uint64_t identifier_hash(std::string_view name_space, std::string_view value);
inline std::uint8_t identifier_tag(std::uint64_t identifier) {
  return static_cast<std::uint8_t>(identifier >> 56);
}
/// Namespace of references to records: identifier_hash(record_namespace, record_name(...)).
inline constexpr std::string_view record_namespace = "record";

/// The e-mails and phones of one record whose element has status "invalid".
class InvalidContactPoints {
 public:
  InvalidContactPoints() = default;
  /// Looks ahead from a reader that stands before the first status cell.
  explicit InvalidContactPoints(RecordReader rest);
  bool empty() const { return emails_.empty() && phones_.empty(); }
  bool holds(const Cell& contact_point) const;  // an email_value or phone_value cell

 private:
  std::vector<std::uint32_t> emails_;  // groups, ascending as the cells are
  std::vector<std::uint32_t> phones_;
};

/// Calls f(namespace, value) for every identifier a party record carries: identifier.* cells,
/// e-mails as "email", phones as "phone". A contact point with status "invalid" is no identifier.
template <typename F>
void for_each_identifier(std::string_view bytes, F&& f) {
  RecordReader reader(bytes);
  InvalidContactPoints invalid;
  bool looked_ahead = false;
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::phone_value) {
    if (cell.attribute == attribute::identifier) {
      f(cell.name, cell.value);
    } else if (cell.attribute == attribute::email_value ||
               cell.attribute == attribute::phone_value) {
      if (!looked_ahead) invalid = InvalidContactPoints(reader);
      looked_ahead = true;
      if (!invalid.empty() && invalid.holds(cell)) continue;
      const bool email = cell.attribute == attribute::email_value;
      f(std::string_view(email ? "email" : "phone"), cell.value);
    }
  }
}

/// Who did an activity, and when.
struct ActivityHead {
  std::uint64_t actor = 0;  // identifier_hash of its party reference, else of its actor; 0: neither
  std::string_view at;      // as the record has it; empty where it says no time
};
ActivityHead activity_head_of(std::string_view bytes);
std::uint64_t activity_actor_of(std::string_view bytes);

/// The cells as one JSON object with nested names and lists, keys in registry order, custom and
/// identifiers last, no raw values: {"name":{"given":"Anna"},"emails":[{"value":"a@example.com"}],
/// "tags":["vip"],"custom":{"tier":"gold"},"identifiers":[{"namespace":"kvk","value":"12345678"}]}.
/// Numbers and booleans are JSON's; money is {"amount":"19.90","currency":"EUR"}; all else is text.
void append_record_json(std::string& out, std::string_view bytes);

}  // namespace rondom
