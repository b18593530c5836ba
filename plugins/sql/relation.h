// Relation of a stream: finds the table, settles key and cursor, checks what a job says about them.
#pragma once

#include <string>
#include <vector>

#include "options.h"
#include "pages.h"

namespace rondom::sql {

struct StreamShape {
  Relation relation;
  std::vector<Column> columns;
  std::size_t deleted = no_column;  // index of the column that marks a row as gone

  static constexpr std::size_t no_column = static_cast<std::size_t>(-1);
};

/// Asks the database. Code::config with the nearest name when one is unknown. `key_needed`: reading
/// does, listing does not.
Result<StreamShape> shape_of(std::string_view stream, const Options& options, Driver driver,
                             bool key_needed, Connection& connection);

}  // namespace rondom::sql
