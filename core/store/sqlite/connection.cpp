#include "store/sqlite/connection.h"

#include <fcntl.h>
#include <unistd.h>

namespace rondom::store {
namespace {

// How long a connection waits for a lock of another one before it gives up.
constexpr int busy_milliseconds_max = 10'000;

/// What is damaged stays so: no other run helps.
constexpr const char* damaged_cure =
    "; rondom store restore brings a backup back, and without one a store that is moved away is "
    "made anew from the "
    "sources";

bool is_damage(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

ErrorCode code_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorCode::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::bad_state;
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_READONLY: return ErrorCode::unavailable;
    default: return ErrorCode::internal;
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& file, bool create) {
  if (create) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return Error{ErrorCode::unavailable, "the store " + file + " cannot be opened for writing"};
    }
    ::close(descriptor);
  } else if (::access(file.c_str(), F_OK) != 0) {
    return Error{ErrorCode::unavailable, "the store " + file + " does not exist yet"};
  }
  std::unique_ptr<Connection> connection(new Connection(file));
  sqlite3* handle = nullptr;
  // Its memory statistics take one lock of the whole process at every allocation; nobody reads
  // them. Only the first call counts: SQLite is configured before its first connection.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const int code =
      sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection->handle_.reset(handle);
  if (code != SQLITE_OK) return connection->failure(code).error();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_milliseconds_max);
  return connection;
}

Result<sqlite3_stmt*> Connection::prepare(const std::string& sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) {
    return found->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(code).error();
  statements_.emplace(sql, std::unique_ptr<sqlite3_stmt, FinalizeSqlite>(statement));
  return statement;
}

Status Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : failure(code);
}

Result<std::string> Connection::ask(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(handle_.get(), sql, -1, &raw, nullptr);
  std::unique_ptr<sqlite3_stmt, FinalizeSqlite> statement(raw);
  if (prepared != SQLITE_OK) return failure(prepared).error();
  const int code = sqlite3_step(raw);
  if (code == SQLITE_DONE) return std::string();
  if (code != SQLITE_ROW) return failure(code).error();
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  return std::string(text ? text : "");
}

Status Connection::failure(int code) const {
  std::string message = "the store " + file_ + ": ";
  message += handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  if (is_damage(code)) message += damaged_cure;
  return {code_of(code), std::move(message)};
}

}  // namespace rondom::store
