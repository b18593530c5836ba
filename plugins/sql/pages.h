// Pages: the statements that read a stream piece by piece, each from where the last one ended.
//
// Rows come in the order of (cursor, key) or of the key, and a page begins behind the last row of
// the one before, so any number of rows with one cursor value are neither lost nor doubled at its
// border. Rows that have no place in that order come in phases of their own before. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connection.h"

namespace rondom::sql {

enum class Phase : std::uint8_t {
  keyless,     // a part of the key is null: no order, one statement
  undated,     // the cursor is null, in the order of the key
  changes,     // in the order of (cursor, key)
  everything,  // in the order of the key
};

struct OrderColumn {
  std::string name;
  std::size_t index = 0;  // among the columns of a row
  bool not_null = false;
  bool exact = false;  // its own collation may call different texts equal
};

/// What is read and how it is ordered. The texts are SQL of the connection's dialect.
struct Relation {
  std::string from;
  std::string columns = "*";
  std::size_t query_at = 0;  // characters before the user's query in "SELECT columns FROM from"
  std::vector<OrderColumn> key;
  std::optional<OrderColumn> cursor;
};

/// Where reading goes on. `after` is empty at the start of a phase.
struct Place {
  Phase phase = Phase::keyless;
  std::vector<Bound> after;    // values of order_of(phase) in the last row
  std::optional<Bound> since;  // changes: the first cursor value, itself included
  std::optional<Bound> until;  // changes: the last one
};

std::vector<Phase> phases_of(const Relation& relation);
/// Columns that a phase is ordered by; none for `keyless`.
std::vector<OrderColumn> order_of(const Relation& relation, Phase phase);

Statement all_columns(const Relation& relation);
/// The greatest value of the cursor.
Statement newest_cursor(const Relation& relation, const Connection& connection);
/// At most `rows` rows behind `place`; 0 = no limit.
Statement page(const Relation& relation, const Place& place, std::size_t rows,
               const Connection& connection);

}  // namespace rondom::sql
