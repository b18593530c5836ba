// Connection: one sqlite3 handle with its prepared statements. Private to the SQLite backend.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/base.h"

namespace rondom::store {

struct CloseSqlite {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeSqlite {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Connection {
 public:
  /// `create` makes a missing file (mode 0600). Sets the busy timeout and nothing else.
  static Result<std::unique_ptr<Connection>> open(const std::string& file, bool create);

  /// The prepared statement of this text, reset and without bindings. Owned by the connection.
  Result<sqlite3_stmt*> prepare(const std::string& sql);
  Status execute(const char* sql);
  /// First column of the first row of a pragma or query, as text.
  Result<std::string> ask(const char* sql);
  Status failure(int code) const;
  sqlite3* handle() const { return handle_.get(); }
  const std::string& file() const { return file_; }

 private:
  explicit Connection(std::string file) : file_(std::move(file)) {}

  std::string file_;
  std::unique_ptr<sqlite3, CloseSqlite> handle_;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, FinalizeSqlite>> statements_;
};

}  // namespace rondom::store
