// Options: what a job says about a stream. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rondom/sdk.hpp"

namespace rondom::sql {

struct Options {
  std::string table, query, cursor, mode, deleted;
  std::vector<std::string> key, columns;
  std::int64_t overlap = 0;
  std::int64_t page_rows = 0;

  static constexpr auto spec =
      Spec<Options>("sql-stream", "Options of a stream of the sql source.")
          .field("table", &Options::table,
                 "Table or view; schema.name outside the connection's own schema. Default: the "
                 "stream.")
          .field("query", &Options::query,
                 "One SELECT, or a file of the project that ends in .sql; instead of table.")
          .field("key", &Options::key, "Columns that tell rows apart. Default: the primary key.")
          .field("cursor", &Options::cursor,
                 "Column that grows when a row changes: only what is new is read.")
          .field(
              "mode", &Options::mode,
              "full: every row each time, what is absent is gone; incremental; auto: incremental "
              "with a cursor.")
          .fallback("auto")
          .choices("auto", "full", "incremental")
          .field("overlap", &Options::overlap,
                 "incremental: seconds before the last cursor that are read again (of a number: "
                 "units).")
          .fallback(300)
          .range(0, 31'536'000)
          .field("deleted", &Options::deleted,
                 "Column that marks a row as gone: not null, not false, not 0.")
          .field("columns", &Options::columns, "Only these columns are read.")
          .field("page_rows", &Options::page_rows, "Rows a statement; a checkpoint follows each.")
          .fallback(10'000)
          .range(1, 1'000'000);

  bool incremental() const { return mode == "incremental" || (mode == "auto" && !cursor.empty()); }
};

/// Code::config with a sentence that names the option.
Result<Options> parse_options(std::string_view json);

/// `query` itself, or the text of the file it names, below the working directory.
Result<std::string> query_of(const Options& options);

}  // namespace rondom::sql
