// A store's file copied page by page while others may use it.
#include "store/sqlite/connection.h"
#include "store/sqlite/sqlite_database.h"

namespace rondom::store {

Status copy_sqlite(const std::string& from, const std::string& to) {
  RONDOM_TRY_ASSIGN(const auto source, Connection::open(from, false));
  RONDOM_TRY_ASSIGN(const auto target, Connection::open(to, true));
  // The copy is thrown away: it need not survive anything.
  RONDOM_TRY(target->execute("PRAGMA synchronous=OFF"));
  sqlite3_backup* const backup =
      sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
  if (backup == nullptr) return target->failure(sqlite3_errcode(target->handle()));
  // In one step: a read transaction of the source, so that no writer makes it start again.
  const int copied = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (copied != SQLITE_DONE) return target->failure(copied);
  return finished == SQLITE_OK ? Status() : target->failure(finished);
}

}  // namespace rondom::store
