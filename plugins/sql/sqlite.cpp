// SQLite files, opened for reading only.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <utility>

#include "connection.h"

namespace rondom::sql {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int busy_ms = 10'000;
constexpr int progress_steps = 100'000;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

/// What a declared type says beyond the storage class of each value.
Kind declared_kind(const char* declared) {
  std::string type = declared == nullptr ? "" : declared;
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (type.starts_with("BOOL")) return Kind::boolean;
  if (type == "DATE") return Kind::date;
  if (type.starts_with("DATETIME") || type.starts_with("TIMESTAMP")) return Kind::local_time;
  if (type.starts_with("JSON")) return Kind::json;
  if (type.find("INT") != std::string::npos) return Kind::integer;
  if (type.find("BLOB") != std::string::npos) return Kind::bytes;
  if (type.starts_with("DEC") || type.starts_with("NUM")) return Kind::decimal;
  if (type.find("REAL") != std::string::npos || type.find("FLOA") != std::string::npos ||
      type.find("DOUB") != std::string::npos) {
    return Kind::real;
  }
  return Kind::text;
}

class Sqlite final : public Connection {
 public:
  explicit Sqlite(Address address) : address_(std::move(address)) {}
  ~Sqlite() override { ::sqlite3_close(database_); }

  Status open() override {
    if (database_ != nullptr) return {};
    std::error_code ignored;
    if (!std::filesystem::exists(address_.file, ignored)) {
      return {Code::unavailable, "SQLite: there is no file " + address_.file + "."};
    }
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (::sqlite3_open_v2(address_.file.c_str(), &database_, flags, nullptr) != SQLITE_OK) {
      return failure({});
    }
    ::sqlite3_busy_timeout(database_, busy_ms);
    ::sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    ::sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    ::sqlite3_limit(database_, SQLITE_LIMIT_ATTACHED, 0);
    ::sqlite3_progress_handler(
        database_, progress_steps,
        [](void* self) { return static_cast<Sqlite*>(self)->must_stop() ? 1 : 0; }, this);
    return select({"SELECT count(*) FROM sqlite_master", {}, 0},
                  [](const std::vector<Cell>&) { return Status(); });
  }

  Result<std::vector<Table>> tables() override {
    std::vector<Table> found;
    const Status status =
        select({"SELECT name FROM sqlite_master WHERE type IN ('table','view') "
                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT " +
                    std::to_string(tables_max),
                {},
                0},
               [&](const std::vector<Cell>& row) -> Status {
                 found.push_back({"", std::string(row[0].text), std::string(row[0].text)});
                 return {};
               });
    if (!status.ok()) return status;
    return found;
  }

  Result<TableFacts> facts(const Table& table) override {
    TableFacts facts;
    const Statement statement{
        "SELECT name, \"notnull\" OR (pk = 1 AND upper(type) = 'INTEGER' AND "
        "(SELECT max(pk) FROM pragma_table_info(?1)) = 1), pk FROM pragma_table_info(?1) ORDER BY "
        "pk",
        {{Kind::text, table.name}},
        0};
    const Status status = select(statement, [&](const std::vector<Cell>& row) -> Status {
      if (row[1].text != "0") facts.not_null.emplace_back(row[0].text);
      if (row[2].text != "0") facts.key.emplace_back(row[0].text);
      return {};
    });
    if (!status.ok()) return status;
    return facts;
  }

  Result<std::vector<Column>> columns(const Statement& statement) override {
    Result<Prepared> prepared = prepare(statement);
    if (!prepared.ok()) return prepared.error();
    std::vector<Column> columns;
    for (int i = 0; i < ::sqlite3_column_count(prepared->get()); ++i) {
      columns.push_back({::sqlite3_column_name(prepared->get(), i),
                         declared_kind(::sqlite3_column_decltype(prepared->get(), i))});
    }
    return columns;
  }

  Status select(const Statement& statement, const RowHandler& on_row) override {
    Result<Prepared> prepared = prepare(statement);
    if (!prepared.ok()) return prepared.error();
    sqlite3_stmt* const at = prepared->get();
    ends_ = Clock::now() + std::chrono::seconds(address_.statement_timeout_seconds);
    std::vector<Kind> declared;
    for (int i = 0; i < ::sqlite3_column_count(at); ++i) {
      declared.push_back(declared_kind(::sqlite3_column_decltype(at, i)));
    }
    std::vector<Cell> cells(declared.size());
    std::vector<std::string> digits(declared.size());
    int step = ::sqlite3_step(at);
    for (; step == SQLITE_ROW; step = ::sqlite3_step(at)) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i] = cell(at, static_cast<int>(i), declared[i], digits[i]);
      }
      RONDOM_TRY(on_row(cells));
    }
    return step == SQLITE_DONE ? Status() : Status(failure(statement));
  }

  void interrupt() override { interrupted_ = true; }

  std::string quoted(std::string_view identifier) const override {
    std::string out = "\"";
    for (const char c : identifier) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
  }
  std::string placed(Statement& statement, const Bound& value) const override {
    statement.values.push_back(value);
    return "?" + std::to_string(statement.values.size());
  }
  std::string exact(const std::string& column) const override { return column + " COLLATE BINARY"; }
  bool compares_rows() const override { return true; }

 private:
  bool must_stop() const { return interrupted_ || Clock::now() > ends_; }

  Result<Prepared> prepare(const Statement& statement) {
    ends_ = Clock::now() + std::chrono::seconds(address_.statement_timeout_seconds);
    sqlite3_stmt* made = nullptr;
    if (::sqlite3_prepare_v2(database_, statement.text.c_str(), -1, &made, nullptr) != SQLITE_OK) {
      return failure(statement);
    }
    Prepared prepared(made);
    for (std::size_t i = 0; i < statement.values.size(); ++i)
      bind(made, static_cast<int>(i + 1), statement.values[i]);
    return prepared;
  }

  static void bind(sqlite3_stmt* at, int place, const Bound& value) {
    const char* const end = value.text.data() + value.text.size();
    const int size = static_cast<int>(value.text.size());
    if (value.kind == Kind::integer || value.kind == Kind::boolean) {
      std::int64_t number = 0;
      std::from_chars(value.text.data(), end, number);
      ::sqlite3_bind_int64(at, place, number);
    } else if (value.kind == Kind::real) {
      double number = 0;
      std::from_chars(value.text.data(), end, number);
      ::sqlite3_bind_double(at, place, number);
    } else if (value.kind == Kind::bytes) {
      ::sqlite3_bind_blob(at, place, value.text.data(), size, SQLITE_TRANSIENT);
    } else {
      ::sqlite3_bind_text(at, place, value.text.data(), size, SQLITE_TRANSIENT);
    }
  }

  /// The storage class decides; the declared type says what a text or a 0 and 1 mean.
  static Cell cell(sqlite3_stmt* at, int column, Kind declared, std::string& digits) {
    std::array<char, 40> buffer{};
    switch (::sqlite3_column_type(at, column)) {
      case SQLITE_NULL: return {};
      case SQLITE_INTEGER:
        digits = std::to_string(::sqlite3_column_int64(at, column));
        return {declared == Kind::boolean ? Kind::boolean : Kind::integer, Kind::text, digits};
      case SQLITE_FLOAT: {
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                       ::sqlite3_column_double(at, column));
        digits.assign(buffer.data(), end.ptr);
        return {Kind::real, Kind::text, digits};
      }
      case SQLITE_BLOB: {
        const void* bytes = ::sqlite3_column_blob(at, column);
        return {Kind::bytes,
                Kind::text,
                {static_cast<const char*>(bytes),
                 static_cast<std::size_t>(::sqlite3_column_bytes(at, column))}};
      }
      default: break;
    }
    const bool text_of_its_own =
        declared == Kind::date || declared == Kind::local_time || declared == Kind::json;
    const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(at, column));
    return {text_of_its_own ? declared : Kind::text,
            Kind::text,
            {text, static_cast<std::size_t>(::sqlite3_column_bytes(at, column))}};
  }

  Failure failure(const Statement& statement) const {
    const std::string where = "SQLite, " + address_.file + ": ";
    const int code = ::sqlite3_extended_errcode(database_) & 0xff;
    const std::string said = ::sqlite3_errmsg(database_);
    if (code == SQLITE_INTERRUPT) {
      if (interrupted_) return {Code::cancelled, "The read was stopped."};
      return {Code::transient, where + "a statement was stopped; statement_timeout_seconds is " +
                                   std::to_string(address_.statement_timeout_seconds) + "."};
    }
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_IOERR) {
      return {Code::transient, where + said + "."};
    }
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) return {Code::data, where + said + "."};
    if (code == SQLITE_CANTOPEN) return {Code::unavailable, where + said + "."};
    if (code == SQLITE_PERM || code == SQLITE_AUTH || code == SQLITE_READONLY) {
      return {Code::not_permitted, where + said + "."};
    }
    const int offset = ::sqlite3_error_offset(database_);
    if (statement.query_at > 0 && offset >= static_cast<int>(statement.query_at)) {
      const std::string_view query = std::string_view(statement.text).substr(statement.query_at);
      const std::size_t at = static_cast<std::size_t>(offset) - statement.query_at;
      return {Code::config, where + "query, " + place_in(query, at) + ": " + said + "."};
    }
    return {Code::config, where + said + "."};
  }

  Address address_;
  sqlite3* database_ = nullptr;
  Clock::time_point ends_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace

std::unique_ptr<Connection> make_sqlite(const Address& address) {
  return std::make_unique<Sqlite>(address);
}

}  // namespace rondom::sql
