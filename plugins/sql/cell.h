// Cell: one value as a database gave it, how it is written as JSON, and how it comes back to the
// database as the place where reading goes on. Plain data, no thread rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rondom/sdk.hpp"

namespace rondom::sql {

enum class Kind : std::uint8_t {
  null,
  text,
  integer,
  decimal,     // exact digits
  real,        // floating point
  boolean,     // t, f, 1, 0
  date,        // YYYY-MM-DD
  local_time,  // a moment without a zone
  utc_time,    // a moment; the session's zone is UTC
  json,
  bytes,      // as they are
  hex_bytes,  // PostgreSQL's \x0a0b
  list,       // PostgreSQL's {a,b}
};

/// Borrowed from the driver until the next row.
struct Cell {
  Kind kind = Kind::null;
  Kind element = Kind::text;  // of a list
  std::string_view text;
};

FieldType field_type(Kind kind);

/// Always valid JSON. Numbers of more than 18 digits, NaN and infinity are written as text, as are
/// JSON columns that hold no valid JSON; bytes as base64.
void append_json(std::string& out, const Cell& cell);

/// A list of PostgreSQL in its text form; text that is none is written as text.
void append_list(std::string& out, std::string_view text, Kind element);

void append_base64(std::string& out, std::string_view bytes);
/// Empty when it is none.
std::string from_base64(std::string_view text);

/// A value of an ordering column, owned: what a checkpoint keeps and a statement compares with.
struct Bound {
  Kind kind = Kind::null;
  std::string text;
  friend bool operator==(const Bound&, const Bound&) = default;
};
inline Bound bound_of(const Cell& cell) {
  return {cell.kind, std::string(cell.text)};
}

/// `bound` less `seconds` (of a number: less that many), in the same form; as it is when it is
/// neither a number nor a moment.
Bound earlier(const Bound& bound, std::int64_t seconds);

/// Of the column that grows when a row changes: microseconds since 1970 of a moment in UTC, the
/// order of what names no zone or is a number; no_time for everything else.
std::int64_t changed_at_us(const Cell& cell);

}  // namespace rondom::sql
