#include "store/sqlite/sqlite_database.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/connection.h"

namespace rondom::store {
namespace {

// A writer that is always ahead of the checkpointer does the work itself from this size of the log.
constexpr std::int64_t wal_bytes_max = 512LL << 20;
// Somebody who reads keeps the log from being emptied when the store is closed; the next one who
// closes it does that.
constexpr int closing_wait_milliseconds = 200;

// page_size 8192: fewer levels and fewer splits for sorted batches (smaller ones: decision 43).
// cache_size in KiB. No mmap: an I/O error would be a signal. secure_delete: what is erased is
// overwritten in the file.
constexpr const char* writer_pragmas =
    "PRAGMA page_size=8192;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA secure_delete=ON;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA trusted_schema=OFF;";
constexpr const char* reader_pragmas =
    "PRAGMA query_only=ON;"
    "PRAGMA cache_size=-16384;"
    "PRAGMA mmap_size=0;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA trusted_schema=OFF;";

/// A directory that disappears with its last owner.
class TemporaryDirectory {
 public:
  static std::shared_ptr<TemporaryDirectory> make() {
    std::error_code error;
    std::string pattern = (std::filesystem::temp_directory_path(error) / "rondom-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr) return nullptr;
    auto directory = std::make_shared<TemporaryDirectory>();
    directory->path_ = pattern;
    return directory;
  }
  TemporaryDirectory() = default;
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Leaves a cached statement ready for its next use, on every way out.
class InUse {
 public:
  explicit InUse(sqlite3_stmt* statement) : statement_(statement) {}
  ~InUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  sqlite3_stmt* statement_;
};

void bind_cell(sqlite3_stmt* statement, int position, const Cell& cell, ColumnType type) {
  if (cell.is_null()) {
    sqlite3_bind_null(statement, position);
  } else if (!cell.is_bytes()) {
    sqlite3_bind_int64(statement, position, cell.integer());
  } else {
    const std::string_view bytes = cell.bytes();
    const char* data = bytes.data() ? bytes.data() : "";
    if (type == ColumnType::text) {
      sqlite3_bind_text64(statement, position, data, bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    } else {
      sqlite3_bind_blob64(statement, position, data, bytes.size(), SQLITE_STATIC);
    }
  }
}

Cell read(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return sqlite3_column_int64(statement, column);
    case SQLITE_NULL: return {};
    default: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
      return std::string_view(data ? data : "", size);
    }
  }
}

std::string definition(const Column& column) {
  std::string text = "\"" + std::string(column.name) + "\" ";
  switch (column.type) {
    case ColumnType::integer: return text + "INTEGER";
    case ColumnType::blob: return text + "BLOB";
    case ColumnType::text: return text + "TEXT";
  }
  return text;
}

std::string where_equal(const Table& table, const Index* index, std::size_t columns) {
  std::string sql;
  for (std::size_t i = 0; i < columns; ++i) {
    sql += i == 0 ? " WHERE " : " AND ";
    sql += key_column(table, index, i) + "=?";
  }
  return sql;
}

std::string order_by(const Table& table, const Index* index, std::size_t from, bool descending) {
  std::string sql;
  for (std::size_t i = from; i < key_column_count(table, index); ++i) {
    sql += i == from ? " ORDER BY " : ",";
    sql += key_column(table, index, i) + (descending ? " DESC" : "");
  }
  return sql;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<Connection> connection, bool read_only,
                 std::shared_ptr<TemporaryDirectory> directory)
      : directory_(std::move(directory)),
        connection_(std::move(connection)),
        read_only_(read_only) {}

  ~SqliteDatabase() override {
    (void)end_reading();
    checkpointer_.reset();
    if (!read_only_) {
      sqlite3_busy_timeout(connection_->handle(), closing_wait_milliseconds);
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                nullptr);
    }
  }

  Status prepare_connection() {
    if (read_only_) return connection_->execute(reader_pragmas);
    RONDOM_TRY(connection_->execute(writer_pragmas));
    if (directory_) return connection_->execute("PRAGMA synchronous=OFF");
    RONDOM_TRY_ASSIGN(const std::string page_bytes, connection_->ask("PRAGMA page_size"));
    page_bytes_ = std::atoi(page_bytes.c_str());
    RONDOM_TRY_ASSIGN(auto second, Connection::open(connection_->file(), false));
    RONDOM_TRY(second->execute("PRAGMA wal_autocheckpoint=0;PRAGMA synchronous=NORMAL;"));
    checkpointer_ = std::make_unique<Checkpointer>(std::move(second));
    sqlite3_wal_hook(
        connection_->handle(),
        [](void* self, sqlite3*, const char*, int pages) {
          auto& database = *static_cast<SqliteDatabase*>(self);
          database.wal_bytes_ = std::int64_t{pages} * database.page_bytes_;
          return SQLITE_OK;
        },
        this);
    return {};
  }

  Status begin(Durability durability) override {
    RONDOM_TRY(end_reading());
    if (!directory_ && durability != durability_) {
      // FULL syncs the log at every commit, NORMAL only at checkpoints. It cannot change inside a
      // transaction.
      RONDOM_TRY(connection_->execute(durability == Durability::power
                                          ? "PRAGMA synchronous=FULL"
                                          : "PRAGMA synchronous=NORMAL"));
      durability_ = durability;
    }
    return connection_->execute("BEGIN IMMEDIATE");
  }

  Status commit() override {
    RONDOM_TRY(connection_->execute("COMMIT"));
    if (!checkpointer_) return {};
    if (wal_bytes_ > wal_bytes_max) {
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr,
                                nullptr);
    } else {
      checkpointer_->wal_grew(wal_bytes_);
    }
    return {};
  }

  void rollback() override {
    if (!sqlite3_get_autocommit(connection_->handle())) (void)connection_->execute("ROLLBACK");
  }

  Status insert(const Table& table, const Rows& rows) override {
    return put("INSERT", table, rows);
  }
  Status upsert(const Table& table, const Rows& rows) override {
    return put("INSERT OR REPLACE", table, rows);
  }

  Status erase(const Table& table, const Rows& keys) override {
    if (keys.empty()) return {};
    const std::string sql = "DELETE FROM \"" + std::string(table.name) + "\"" +
                            where_equal(table, nullptr, keys.columns());
    return run_each(sql, table, keys);
  }

  Status erase_all(const Table& table) override {
    RONDOM_TRY(end_reading());
    return connection_->execute(("DELETE FROM \"" + std::string(table.name) + "\"").c_str());
  }

  Status fetch(const Lookup& lookup, const Rows& keys, const RowSink& sink) override {
    if (keys.empty()) return {};
    const Table& table = *lookup.table;
    std::string sql = "SELECT " + column_list(table, lookup.columns) + " FROM \"" +
                      std::string(table.name) + "\"" +
                      where_equal(table, lookup.index, keys.columns()) +
                      order_by(table, lookup.index, keys.columns(), lookup.descending);
    if (lookup.limit_per_key > 0) sql += " LIMIT " + std::to_string(lookup.limit_per_key);
    RONDOM_TRY_ASSIGN(sqlite3_stmt * statement, connection_->prepare(sql));
    const ReadScope reading(*this, keys.size() > 1);
    const InUse guard(statement);
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const auto key = keys[k];
      for (std::size_t i = 0; i < key.size(); ++i) {
        bind_cell(statement, static_cast<int>(i) + 1, key[i],
                  key_column_type(table, lookup.index, i));
      }
      RONDOM_TRY(read_rows(statement, k, sink));
      sqlite3_reset(statement);
    }
    return {};
  }

  Status scan(const Scan& scan, const RowSink& sink) override {
    const Table& table = *scan.table;
    const std::size_t fixed = scan.prefix.size();
    std::string sql = "SELECT " + column_list(table, scan.columns) + " FROM \"" +
                      std::string(table.name) + "\"" + where_equal(table, scan.index, fixed);
    if (!scan.after.empty()) {
      std::string columns, values;
      for (std::size_t i = 0; i < scan.after.size(); ++i) {
        columns += (i ? "," : "") + key_column(table, scan.index, fixed + i);
        values += i ? ",?" : "?";
      }
      sql += (fixed ? " AND (" : " WHERE (") + columns + (scan.descending ? ")<(" : ")>(") +
             values + ")";
    }
    sql += order_by(table, scan.index, fixed, scan.descending) + " LIMIT ?";
    RONDOM_TRY_ASSIGN(sqlite3_stmt * statement, connection_->prepare(sql));
    const ReadScope reading(*this, false);
    const InUse guard(statement);
    int position = 0;
    for (const auto* cells : {&scan.prefix, &scan.after}) {
      for (const Cell& cell : *cells) {
        const auto type = key_column_type(table, scan.index, static_cast<std::size_t>(position));
        bind_cell(statement, ++position, cell, type);
      }
    }
    sqlite3_bind_int64(statement, ++position, static_cast<std::int64_t>(scan.limit));
    return read_rows(statement, 0, sink);
  }

  Result<std::int64_t> count(const Table& table, std::span<const Cell> prefix) override {
    RONDOM_TRY_ASSIGN(sqlite3_stmt * statement,
                      connection_->prepare("SELECT count(*) FROM \"" + std::string(table.name) +
                                           "\"" + where_equal(table, nullptr, prefix.size())));
    const ReadScope reading(*this, false);
    const InUse guard(statement);
    for (std::size_t i = 0; i < prefix.size(); ++i) {
      bind_cell(statement, static_cast<int>(i) + 1, prefix[i], key_column_type(table, nullptr, i));
    }
    std::int64_t rows = 0;
    RONDOM_TRY(read_rows(statement, 0, [&](std::size_t, auto row) { rows = row[0].integer(); }));
    return rows;
  }

  Result<bool> exists(const Table& table) override {
    RONDOM_TRY_ASSIGN(
        sqlite3_stmt * statement,
        connection_->prepare("SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?"));
    const InUse guard(statement);
    bind_cell(statement, 1, table.name, ColumnType::text);
    bool found = false;
    RONDOM_TRY(read_rows(statement, 0, [&](std::size_t, auto) { found = true; }));
    return found;
  }

  Status create(const Table& table) override {
    RONDOM_TRY(end_reading());
    std::string sql = "CREATE TABLE \"" + std::string(table.name) + "\"(";
    for (const Column& column : table.columns) sql += definition(column) + ",";
    sql += "PRIMARY KEY(" + column_list(table, table.key_columns) + "))";
    if (!table.is_rowid()) sql += " WITHOUT ROWID";
    RONDOM_TRY(connection_->execute(sql.c_str()));
    for (const Index& index : table.indexes) {
      std::string columns;
      for (std::size_t i = 0; i < index.count; ++i) {
        columns += (i ? "," : "") + key_column(table, &index, i);
      }
      RONDOM_TRY(connection_->execute(("CREATE INDEX \"" + std::string(index.name) + "\" ON \"" +
                                       std::string(table.name) + "\"(" + columns + ")")
                                          .c_str()));
    }
    return {};
  }

  Status add_column(const Table& table, std::size_t column) override {
    RONDOM_TRY(end_reading());
    return connection_->execute(("ALTER TABLE \"" + std::string(table.name) + "\" ADD COLUMN " +
                                 definition(table.columns[column]))
                                    .c_str());
  }

  Result<std::int64_t> bytes_of(const Table& table) override {
    RONDOM_TRY_ASSIGN(
        sqlite3_stmt * statement,
        connection_->prepare("SELECT pgsize FROM dbstat WHERE name=? AND aggregate=TRUE"));
    std::vector<std::string_view> names = {table.name};
    for (const Index& index : table.indexes) names.push_back(index.name);
    const ReadScope reading(*this, true);
    std::int64_t bytes = 0;
    for (const std::string_view name : names) {
      const InUse guard(statement);
      bind_cell(statement, 1, name, ColumnType::text);
      RONDOM_TRY(
          read_rows(statement, 0, [&](std::size_t, auto row) { bytes += row[0].integer(); }));
    }
    return bytes;
  }

  Result<std::int64_t> free_bytes() override {
    RONDOM_TRY_ASSIGN(const std::string pages, connection_->ask("PRAGMA freelist_count"));
    RONDOM_TRY_ASSIGN(const std::string page_bytes, connection_->ask("PRAGMA page_size"));
    return std::atoll(pages.c_str()) * std::atoll(page_bytes.c_str());
  }

  Status integrity(std::vector<std::string>& problems) override {
    RONDOM_TRY_ASSIGN(sqlite3_stmt * statement,
                      connection_->prepare("PRAGMA integrity_check(100)"));
    const InUse guard(statement);
    return read_rows(statement, 0, [&](std::size_t, auto row) {
      if (row[0].bytes() != "ok") problems.push_back(row[0].text());
    });
  }

  Result<std::unique_ptr<Database>> reader() const override {
    return connect(connection_->file(), true, directory_);
  }

  std::string name() const override { return "the store " + connection_->file(); }

  static Result<std::unique_ptr<Database>> connect(const std::string& file, bool read_only,
                                                   std::shared_ptr<TemporaryDirectory> directory) {
    RONDOM_TRY_ASSIGN(auto connection, Connection::open(file, !read_only));
    auto database =
        std::make_unique<SqliteDatabase>(std::move(connection), read_only, std::move(directory));
    RONDOM_TRY(database->prepare_connection());
    return std::unique_ptr<Database>(std::move(database));
  }

 private:
  /// Reads of one scope are one transaction: without it every statement takes and leaves the file
  /// lock, four system calls. The writer lets it stand from scope to scope until it writes; a
  /// reader ends it, as it is to see what was committed since.
  class ReadScope {
   public:
    ReadScope(SqliteDatabase& database, bool several) : database_(database) {
      const bool began = (!database.read_only_ || several) && database.begin_reading();
      ends_ = began && database.read_only_;
    }
    ~ReadScope() {
      if (ends_) (void)database_.end_reading();
    }
    ReadScope(const ReadScope&) = delete;
    ReadScope& operator=(const ReadScope&) = delete;

   private:
    SqliteDatabase& database_;
    bool ends_ = false;
  };

  /// False when one is open already. Where none can be begun, each statement says why for itself.
  bool begin_reading() {
    if (reading_ || !sqlite3_get_autocommit(connection_->handle())) return false;
    reading_ = connection_->execute("BEGIN").ok();
    return reading_;
  }
  Status end_reading() {
    const bool is_open =
        reading_ && !sqlite3_get_autocommit(connection_->handle());  // a failure ends it
    reading_ = false;
    return is_open ? connection_->execute("COMMIT") : Status();
  }

  Status put(const char* verb, const Table& table, const Rows& rows) {
    if (rows.empty()) return {};
    std::string sql = std::string(verb) + " INTO \"" + std::string(table.name) + "\"(" +
                      column_list(table, rows.columns()) + ") VALUES(?";
    for (std::size_t i = 1; i < rows.columns(); ++i) sql += ",?";
    return run_each(sql + ")", table, rows);
  }

  Status run_each(const std::string& sql, const Table& table, const Rows& rows) {
    RONDOM_TRY(end_reading());
    RONDOM_TRY_ASSIGN(sqlite3_stmt * statement, connection_->prepare(sql));
    const InUse guard(statement);
    const std::size_t columns = rows.columns();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto row = rows[r];
      for (std::size_t i = 0; i < columns; ++i) {
        bind_cell(statement, static_cast<int>(i) + 1, row[i], table.columns[i].type);
      }
      const int code = sqlite3_step(statement);
      if (code != SQLITE_DONE) return connection_->failure(code);
      sqlite3_reset(statement);
    }
    return {};
  }

  Status read_rows(sqlite3_stmt* statement, std::size_t key, const RowSink& sink) {
    row_.resize(static_cast<std::size_t>(sqlite3_column_count(statement)));
    while (true) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) return {};
      if (code != SQLITE_ROW) return connection_->failure(code);
      for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = read(statement, static_cast<int>(i));
      sink(key, row_);
    }
  }

  std::shared_ptr<TemporaryDirectory> directory_;  // ":memory:" only
  std::unique_ptr<Connection> connection_;
  bool read_only_;
  Durability durability_ = Durability::process;
  std::int64_t wal_bytes_ = 0;   // of the log, as of the last commit
  std::int64_t page_bytes_ = 0;  // of this file
  bool reading_ = false;         // between transactions
  std::vector<Cell> row_;
  std::unique_ptr<Checkpointer> checkpointer_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  if (options.file != ":memory:") {
    return SqliteDatabase::connect(options.file, options.read_only, nullptr);
  }
  auto directory = TemporaryDirectory::make();
  if (!directory) return Error{ErrorCode::unavailable, "no temporary directory can be made"};
  const std::string file = directory->path() + "/store.db";
  return SqliteDatabase::connect(file, false, std::move(directory));
}

}  // namespace rondom::store
