#include "store/postgresql/postgresql_database.h"

#include <libpq-fe.h>

#include <algorithm>
#include <unordered_map>

#include "store/postgresql/wire.h"

namespace rondom::store {
namespace {

// Rows and bytes of one statement: bounds the memory of both sides.
constexpr std::size_t statement_rows_max = 20'000;
constexpr std::size_t fetched_keys_max = 5'000;
constexpr std::size_t statement_bytes_max = 16u << 20;
constexpr const char* connect_timeout_seconds = "10";
constexpr std::size_t owner_bytes_max = 63;  // of application_name
// Two halves of the advisory lock that an engine holds.
constexpr const char* lock_numbers = "1919905380,1";
constexpr const char* lock_wait_milliseconds = "1000";
constexpr std::string_view lock_not_available = "55P03";

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct Parameters {
  std::vector<std::uint32_t> types;
  std::vector<std::string> values;
  void add(const Cell& cell, ColumnType type) {
    types.push_back(wire::type_of(type));
    wire::append_value(values.emplace_back(), cell, type);
  }
  void add_array(const Rows& rows, std::size_t column, std::size_t first, std::size_t last,
                 ColumnType type) {
    types.push_back(wire::array_type_of(type));
    values.push_back(wire::array_of(rows, column, first, last, type));
  }
};

std::string first_line(const char* message) {
  std::string text(message ? message : "");
  return text.substr(0, text.find('\n'));
}

std::string quoted_name(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

/// "unnest($1::bigint[],$2::bytea[])" over the key columns.
std::string unnest_keys(const Table& table, const Index* index, std::size_t columns) {
  std::string sql = "unnest(";
  for (std::size_t i = 0; i < columns; ++i) {
    sql += (i ? ",$" : "$") + std::to_string(i + 1) + "::";
    sql += std::string(wire::type_name(key_column_type(table, index, i))) + "[]";
  }
  return sql + ")";
}

std::string key_names(std::size_t columns) {
  std::string sql;
  for (std::size_t i = 0; i < columns; ++i) sql += (i ? ",c" : "c") + std::to_string(i);
  return sql;
}

std::string equal_keys(const Table& table, const Index* index, std::size_t columns) {
  std::string sql;
  for (std::size_t i = 0; i < columns; ++i) {
    sql += (i ? " AND t." : "t.") + key_column(table, index, i) + "=k.c" + std::to_string(i);
  }
  return sql;
}

std::string key_order(const Table& table, const Index* index, std::size_t from, bool descending) {
  std::string sql;
  for (std::size_t i = from; i < key_column_count(table, index); ++i) {
    sql += (sql.empty() ? "t." : ",t.") + key_column(table, index, i) + (descending ? " DESC" : "");
  }
  return sql;
}

/// libpq quotes parts of the connection string, which is a secret: a wrong one may show a password
/// where it looked for a host.
std::string without_quoted(std::string_view message) {
  std::string kept;
  bool inside = false;
  for (const char c : message) {
    if (c == '"') {
      kept += inside ? "…\"" : "\"";
      inside = !inside;
    } else if (!inside) {
      kept += c;
    }
  }
  return inside ? kept + "…\"" : kept;
}

class PostgresqlDatabase final : public Database {
 public:
  explicit PostgresqlDatabase(const PostgresqlOptions& options) : options_(options) {}

  Status connect() {
    const char* keywords[] = {"connect_timeout", "dbname", nullptr};
    const char* values[] = {connect_timeout_seconds, options_.dsn.c_str(), nullptr};
    connection_.reset(PQconnectdbParams(keywords, values, 1));
    if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
      return {ErrorCode::unavailable,
              "PostgreSQL cannot be reached: " +
                  without_quoted(first_line(PQerrorMessage(connection_.get())))};
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    // Sets of keys always go through an index: plans must not depend on when statistics were made.
    RONDOM_TRY(command(
        "SET client_encoding TO 'UTF8'; SET search_path TO rondom; SET jit TO off;"
        "SET enable_seqscan TO off; SET enable_hashjoin TO off; SET enable_mergejoin TO off"));
    RONDOM_TRY(
        command("SET application_name TO " + literal(options_.owner.substr(0, owner_bytes_max))));
    if (options_.read_only) return command("SET default_transaction_read_only TO on");
    RONDOM_TRY(take_lock());
    return command("CREATE SCHEMA IF NOT EXISTS rondom");
  }

  Status begin(Durability durability) override {
    return command(durability == Durability::power ? "BEGIN; SET LOCAL synchronous_commit TO on"
                                                   : "BEGIN; SET LOCAL synchronous_commit TO off");
  }

  Status commit() override {
    const ResultHandle result(PQexec(connection_.get(), "COMMIT"));
    RONDOM_TRY(check(result.get()));
    // The server answers ROLLBACK to the COMMIT of a transaction that had failed.
    if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return {};
    return {ErrorCode::internal, name() + " rolled a failed transaction back"};
  }

  void rollback() override {
    if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) (void)command("ROLLBACK");
  }

  Status insert(const Table& table, const Rows& rows) override { return put(table, rows, ""); }

  Status upsert(const Table& table, const Rows& rows) override {
    std::string updates;
    for (std::size_t i = table.key_columns; i < table.columns.size(); ++i) {
      const std::string column = quoted_name(table.columns[i].name);
      updates += (updates.empty() ? "" : ",") + column + "=EXCLUDED." + column;
    }
    const std::string keys = " ON CONFLICT(" + column_list(table, table.key_columns) + ") DO ";
    return put(table, rows, keys + (updates.empty() ? "NOTHING" : "UPDATE SET " + updates));
  }

  Status erase(const Table& table, const Rows& keys) override {
    if (keys.empty()) return {};
    const std::size_t columns = keys.columns();
    const std::string sql = "DELETE FROM " + quoted_name(table.name) + " t USING " +
                            unnest_keys(table, nullptr, columns) + " AS k(" + key_names(columns) +
                            ") WHERE " + equal_keys(table, nullptr, columns);
    return in_parts(keys, statement_rows_max, [&](std::size_t first, std::size_t last) -> Status {
      return run(sql, key_arrays(table, nullptr, keys, first, last)).status();
    });
  }

  Status erase_all(const Table& table) override {
    return command("DELETE FROM " + quoted_name(table.name));
  }

  Status fetch(const Lookup& lookup, const Rows& keys, const RowSink& sink) override {
    if (keys.empty()) return {};
    const Table& table = *lookup.table;
    const std::size_t columns = keys.columns();
    const std::string from = unnest_keys(table, lookup.index, columns) + " WITH ORDINALITY AS k(" +
                             key_names(columns) + ",ord)";
    const std::string equal = equal_keys(table, lookup.index, columns);
    const std::string order = key_order(table, lookup.index, columns, lookup.descending);
    std::string sql = "SELECT k.ord," + column_list(table, lookup.columns, "t.") + " FROM " + from;
    if (lookup.limit_per_key > 0) {
      sql += " CROSS JOIN LATERAL (SELECT * FROM " + quoted_name(table.name) + " t WHERE " + equal +
             (order.empty() ? "" : " ORDER BY " + order) + " LIMIT " +
             std::to_string(lookup.limit_per_key) + ") t";
    } else {
      sql += " JOIN " + quoted_name(table.name) + " t ON " + equal;
    }
    sql += " ORDER BY k.ord" + (order.empty() ? "" : "," + order);
    return in_parts(keys, fetched_keys_max, [&](std::size_t first, std::size_t last) -> Status {
      RONDOM_TRY_ASSIGN(const ResultHandle result,
                        run(sql, key_arrays(table, lookup.index, keys, first, last)));
      read_rows(result.get(), table, true, first, sink);
      return {};
    });
  }

  Status scan(const Scan& scan, const RowSink& sink) override {
    const Table& table = *scan.table;
    Parameters parameters;
    std::string where, columns, values;
    std::size_t position = 0;
    const auto parameter = [&](const Cell& cell) {
      parameters.add(cell, key_column_type(table, scan.index, position));
      return "$" + std::to_string(++position);
    };
    for (const Cell& cell : scan.prefix) {
      const std::string column = key_column(table, scan.index, position);
      where += (where.empty() ? " WHERE t." : " AND t.") + column + "=" + parameter(cell);
    }
    for (const Cell& cell : scan.after) {
      columns += (columns.empty() ? "t." : ",t.") + key_column(table, scan.index, position);
      values += (values.empty() ? "" : ",") + parameter(cell);
    }
    if (!columns.empty()) {
      where += (where.empty() ? " WHERE (" : " AND (") + columns;
      where += (scan.descending ? ")<(" : ")>(") + values + ")";
    }
    const std::string order = key_order(table, scan.index, scan.prefix.size(), scan.descending);
    const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(scan.limit, INT64_MAX));
    parameters.add(limit, ColumnType::integer);
    const std::string sql = "SELECT " + column_list(table, scan.columns, "t.") + " FROM " +
                            quoted_name(table.name) + " t" + where +
                            (order.empty() ? "" : " ORDER BY " + order) + " LIMIT $" +
                            std::to_string(position + 1);
    RONDOM_TRY_ASSIGN(const ResultHandle result, run(sql, parameters));
    read_rows(result.get(), table, false, 0, sink);
    return {};
  }

  Result<std::int64_t> count(const Table& table, std::span<const Cell> prefix) override {
    Parameters parameters;
    std::string sql = "SELECT count(*) FROM " + quoted_name(table.name);
    for (std::size_t i = 0; i < prefix.size(); ++i) {
      parameters.add(prefix[i], key_column_type(table, nullptr, i));
      sql +=
          (i ? " AND " : " WHERE ") + key_column(table, nullptr, i) + "=$" + std::to_string(i + 1);
    }
    RONDOM_TRY_ASSIGN(const ResultHandle result, run(sql, parameters));
    return wire::read_integer(bytes_at(result.get(), 0, 0));
  }

  Result<bool> exists(const Table& table) override {
    Parameters parameters;
    const std::string name = "rondom." + quoted_name(table.name);
    parameters.add(std::string_view(name), ColumnType::text);
    RONDOM_TRY_ASSIGN(const ResultHandle result,
                      run("SELECT (to_regclass($1) IS NOT NULL)::int::bigint", parameters));
    return wire::read_integer(bytes_at(result.get(), 0, 0)) == 1;
  }

  Status create(const Table& table) override {
    std::string sql = "CREATE TABLE " + quoted_name(table.name) + "(";
    for (const Column& column : table.columns) sql += definition(column) + ",";
    RONDOM_TRY(command(sql + "PRIMARY KEY(" + column_list(table, table.key_columns) + "))"));
    for (const Index& index : table.indexes) {
      std::string columns;
      for (std::size_t i = 0; i < index.count; ++i) {
        columns += (i ? "," : "") + key_column(table, &index, i);
      }
      RONDOM_TRY(command("CREATE INDEX " + quoted_name(index.name) + " ON " +
                         quoted_name(table.name) + "(" + columns + ")"));
    }
    return {};
  }

  Status add_column(const Table& table, std::size_t column) override {
    return command("ALTER TABLE " + quoted_name(table.name) + " ADD COLUMN " +
                   definition(table.columns[column]));
  }

  Result<std::int64_t> bytes_of(const Table& table) override {
    Parameters parameters;
    const std::string name = "rondom." + quoted_name(table.name);
    parameters.add(std::string_view(name), ColumnType::text);
    RONDOM_TRY_ASSIGN(
        const ResultHandle result,
        run("SELECT coalesce(pg_total_relation_size(to_regclass($1)),0)", parameters));
    return wire::read_integer(bytes_at(result.get(), 0, 0));
  }

  /// What its vacuum has freed inside of tables is not told apart.
  Result<std::int64_t> free_bytes() override { return 0; }

  Status integrity(std::vector<std::string>&) override { return {}; }

  Result<std::unique_ptr<Database>> reader() const override {
    PostgresqlOptions options = options_;
    options.read_only = true;
    return open_postgresql(options);
  }

  std::string name() const override {
    const char* database = PQdb(connection_.get());
    return "the store in PostgreSQL database " + std::string(database ? database : "");
  }

 private:
  static std::string definition(const Column& column) {
    std::string sql = quoted_name(column.name) + " " + wire::type_name(column.type);
    if (column.type == ColumnType::text) sql += " COLLATE \"C\"";
    return sql;
  }

  Status take_lock() {
    // The server frees the lock of an engine that is gone a moment after its connection ended.
    RONDOM_TRY(command("SET lock_timeout TO " + std::string(lock_wait_milliseconds)));
    const ResultHandle result(PQexec(
        connection_.get(), ("SELECT pg_advisory_lock(" + std::string(lock_numbers) + ")").c_str()));
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const bool taken = !state || std::string_view(state) != lock_not_available;
    RONDOM_TRY(command("SET lock_timeout TO 0"));
    if (taken) return check(result.get());
    const ResultHandle holder(PQexec(
        connection_.get(),
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid=l.pid "
        "WHERE l.locktype='advisory' AND l.classid=1919905380 AND l.objid=1 AND l.granted AND "
        "a.datname=current_database()"));
    std::string owner = "another engine";
    if (check(holder.get()).ok() && PQntuples(holder.get()) > 0) {
      const std::string_view named = PQgetvalue(holder.get(), 0, 0);
      if (!named.empty()) owner = named;
    }
    return {ErrorCode::busy, "the project is in use by " + owner};
  }

  std::string literal(const std::string& text) {
    char* escaped = PQescapeLiteral(connection_.get(), text.data(), text.size());
    std::string result = escaped ? escaped : "''";
    PQfreemem(escaped);
    return result;
  }

  Status check(const PGresult* result) const {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const char* primary = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    const std::string_view code(state ? state : "");
    ErrorCode error = ErrorCode::internal;
    if (PQstatus(connection_.get()) != CONNECTION_OK || code.empty() || code.starts_with("08") ||
        code.starts_with("53") || code.starts_with("57") || code.starts_with("58")) {
      error = ErrorCode::unavailable;
    } else if (code.starts_with("XX")) {
      error = ErrorCode::bad_state;
    }
    return {error,
            name() + ": " + first_line(primary ? primary : PQerrorMessage(connection_.get()))};
  }

  Status command(const std::string& sql) {
    const ResultHandle result(PQexec(connection_.get(), sql.c_str()));
    return check(result.get());
  }

  Result<ResultHandle> run(const std::string& sql, const Parameters& parameters) {
    auto prepared = prepared_.find(sql);
    const int count = static_cast<int>(parameters.values.size());
    if (prepared == prepared_.end()) {
      const std::string name = "s" + std::to_string(prepared_.size() + 1);
      const ResultHandle result(
          PQprepare(connection_.get(), name.c_str(), sql.c_str(), count, parameters.types.data()));
      RONDOM_TRY(check(result.get()));
      prepared = prepared_.emplace(sql, name).first;
    }
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const std::string& value : parameters.values) {
      values.push_back(value.data());
      lengths.push_back(static_cast<int>(value.size()));
    }
    const std::vector<int> binary(parameters.values.size(), 1);
    ResultHandle result(PQexecPrepared(connection_.get(), prepared->second.c_str(), count,
                                       values.data(), lengths.data(), binary.data(), 1));
    RONDOM_TRY(check(result.get()));
    return result;
  }

  static std::string_view bytes_at(const PGresult* result, int row, int column) {
    return {PQgetvalue(result, row, column),
            static_cast<std::size_t>(PQgetlength(result, row, column))};
  }

  void read_rows(const PGresult* result, const Table& table, bool numbered, std::size_t first_key,
                 const RowSink& sink) {
    const int skipped = numbered ? 1 : 0;
    const int columns = PQnfields(result) - skipped;
    row_.resize(static_cast<std::size_t>(columns));
    for (int r = 0; r < PQntuples(result); ++r) {
      for (int c = 0; c < columns; ++c) {
        const auto position = static_cast<std::size_t>(c);
        row_[position] =
            PQgetisnull(result, r, c + skipped)
                ? Cell()
                : wire::read_value(bytes_at(result, r, c + skipped), table.columns[position].type);
      }
      std::size_t key = first_key;
      if (numbered) key += static_cast<std::size_t>(wire::read_integer(bytes_at(result, r, 0))) - 1;
      sink(key, row_);
    }
  }

  static Parameters key_arrays(const Table& table, const Index* index, const Rows& keys,
                               std::size_t first, std::size_t last) {
    Parameters parameters;
    for (std::size_t c = 0; c < keys.columns(); ++c) {
      parameters.add_array(keys, c, first, last, key_column_type(table, index, c));
    }
    return parameters;
  }

  template <typename Part>
  static Status in_parts(const Rows& rows, std::size_t rows_max, const Part& part) {
    std::size_t first = 0, bytes = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (const Cell& cell : rows[r]) bytes += cell.bytes().size() + sizeof(std::int64_t);
      const bool full = r + 1 - first == rows_max || bytes >= statement_bytes_max;
      if (!full && r + 1 < rows.size()) continue;
      RONDOM_TRY(part(first, r + 1));
      first = r + 1;
      bytes = 0;
    }
    return {};
  }

  Status put(const Table& table, const Rows& rows, const std::string& conflict) {
    if (rows.empty()) return {};
    std::string arrays;
    for (std::size_t c = 0; c < rows.columns(); ++c) {
      arrays += (c ? ",$" : "$") + std::to_string(c + 1) + "::";
      arrays += std::string(wire::type_name(table.columns[c].type)) + "[]";
    }
    const std::string sql = "INSERT INTO " + quoted_name(table.name) + "(" +
                            column_list(table, rows.columns()) + ") SELECT * FROM unnest(" +
                            arrays + ")" + conflict;
    return in_parts(rows, statement_rows_max, [&](std::size_t first, std::size_t last) -> Status {
      Parameters parameters;
      for (std::size_t c = 0; c < rows.columns(); ++c) {
        parameters.add_array(rows, c, first, last, table.columns[c].type);
      }
      return run(sql, parameters).status();
    });
  }

  PostgresqlOptions options_;
  std::unique_ptr<PGconn, FinishConnection> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // text -> name
  std::vector<Cell> row_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgresql(const PostgresqlOptions& options) {
  auto database = std::make_unique<PostgresqlDatabase>(options);
  RONDOM_TRY(database->connect());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace rondom::store
