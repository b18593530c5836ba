// SQLite behind Database. One connection; the writer also owns the thread that copies the WAL back.
#pragma once

#include <memory>
#include <string>

#include "store/database.h"

namespace rondom::store {

/// ":memory:" is a file of its own in the temporary directory, removed with its last connection, so
/// that readers work there too.
struct SqliteOptions {
  std::string file;
  bool read_only = false;
};

/// unavailable when the file cannot be opened (read_only: also when it does not exist), bad_state
/// when it is no database.
Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

/// Every page of one file into another, which must not exist; a writer at work does no harm.
Status copy_sqlite(const std::string& from, const std::string& to);

}  // namespace rondom::store
