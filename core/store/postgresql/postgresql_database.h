// PostgreSQL behind Database. One connection; its tables live in the schema "rondom".
#pragma once

#include <memory>
#include <string>

#include "base/cleanse.h"
#include "store/database.h"

namespace rondom::store {

struct PostgresqlOptions {
  ~PostgresqlOptions() { cleanse(dsn); }

  std::string dsn;    // as libpq takes it; overwritten at the end
  std::string owner;  // shown to whoever finds the project busy
  bool read_only = false;
};

/// With !read_only it takes the project's advisory lock for the life of the connection: busy names
/// the owner. unavailable when the server cannot be reached.
Result<std::unique_ptr<Database>> open_postgresql(const PostgresqlOptions& options);

}  // namespace rondom::store
