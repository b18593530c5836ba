// PostgreSQL through libpq, row by row.
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <utility>

#include "connection.h"
#include "postgresql_failure.h"

namespace rondom::sql {

namespace {

/// What is not there says nothing; libpq warns of what is there and no plain file.
constexpr const char* no_file = "/nonexistent";

struct ClearResult {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

struct PgType {
  Kind kind = Kind::text;
  Kind element = Kind::text;
};

/// By the names of pg_type: they are older and steadier than any header.
Kind kind_of(std::string_view type) {
  static const std::map<std::string_view, Kind> kinds = {
      {"bool", Kind::boolean}, {"int2", Kind::integer},         {"int4", Kind::integer},
      {"int8", Kind::integer}, {"oid", Kind::integer},          {"numeric", Kind::decimal},
      {"float4", Kind::real},  {"float8", Kind::real},          {"date", Kind::date},
      {"json", Kind::json},    {"timestamp", Kind::local_time}, {"timestamptz", Kind::utc_time},
      {"jsonb", Kind::json},   {"bytea", Kind::hex_bytes}};
  const auto found = kinds.find(type);
  return found == kinds.end() ? Kind::text : found->second;
}

class Postgresql final : public Connection {
 public:
  explicit Postgresql(Address address) : address_(std::move(address)) {}
  ~Postgresql() override { close(); }

  Status open() override {
    if (connection_ != nullptr) return {};
    RONDOM_TRY(connect());
    cancel_ = ::PQgetCancel(connection_);
    const std::string timeout = std::to_string(address_.statement_timeout_seconds * 1'000ull);
    return command(
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
        "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = " +
        timeout);
  }

  Result<std::vector<Table>> tables() override {
    std::vector<Table> found;
    const Status status = select(
        {"SELECT n.nspname, c.relname, n.nspname = current_schema() FROM pg_catalog.pg_class c "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "WHERE c.relkind IN ('r','v','m','p','f') AND NOT c.relispartition "
         "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "
         "ORDER BY 3 DESC, 1, 2 LIMIT " +
             std::to_string(tables_max),
         {},
         0},
        [&](const std::vector<Cell>& row) -> Status {
          Table table{std::string(row[0].text), std::string(row[1].text), ""};
          table.stream = row[2].text == "t" ? table.name : table.schema + "." + table.name;
          found.push_back(std::move(table));
          return {};
        });
    if (!status.ok()) return status;
    return found;
  }

  Result<TableFacts> facts(const Table& table) override {
    TableFacts facts;
    Statement statement{"", {{Kind::text, quoted(table.schema) + "." + quoted(table.name)}}, 0};
    statement.text =
        "SELECT a.attname, a.attnotnull, array_position(i.indkey::int2[], a.attnum) "
        "FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_index i "
        "ON i.indrelid = a.attrelid AND i.indisprimary "
        "WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 3, 1";
    const Status status = select(statement, [&](const std::vector<Cell>& row) -> Status {
      if (row[1].text == "t") facts.not_null.emplace_back(row[0].text);
      if (row[2].kind != Kind::null) facts.key.emplace_back(row[0].text);
      return {};
    });
    if (!status.ok()) return status;
    return facts;
  }

  Result<std::vector<Column>> columns(const Statement& statement) override {
    Statement empty = statement;
    empty.text += "\nLIMIT 0";
    std::vector<Column> columns;
    described_ = &columns;
    const Status status = select(empty, [](const std::vector<Cell>&) { return Status(); });
    described_ = nullptr;
    if (!status.ok()) return status;
    return columns;
  }

  Status select(const Statement& statement, const RowHandler& on_row) override {
    RONDOM_TRY(command("BEGIN READ ONLY"));
    Status status = stream(statement, on_row);
    if (::PQstatus(connection_) != CONNECTION_OK) return status;
    Status ended = command(status.ok() ? "COMMIT" : "ROLLBACK");
    return status.ok() ? std::move(ended) : std::move(status);
  }

  void interrupt() override {
    std::array<char, 256> ignored{};
    if (cancel_ != nullptr) {
      ::PQcancel(cancel_, ignored.data(), static_cast<int>(ignored.size()));
    }
    if (connection_ != nullptr) ::shutdown(::PQsocket(connection_), SHUT_RDWR);
  }

  std::string quoted(std::string_view identifier) const override {
    std::string out = "\"";
    for (const char c : identifier) out.append(c == '"' ? 2 : 1, c);
    return out + "\"";
  }
  std::string placed(Statement& statement, const Bound& value) const override {
    statement.values.push_back(value);
    return "$" + std::to_string(statement.values.size());
  }
  std::string exact(const std::string& column) const override { return column; }
  bool compares_rows() const override { return true; }

 private:
  void close() {
    if (cancel_ != nullptr) ::PQfreeCancel(cancel_);
    if (connection_ != nullptr) ::PQfinish(connection_);
    cancel_ = nullptr;
    connection_ = nullptr;
  }

  Status connect() {
    const std::string port = std::to_string(address_.port);
    const bool plain_allowed = address_.tls == Tls::off || address_.is_socket();
    const bool checked =
        address_.tls == Tls::verify && (!address_.is_local() || !address_.ca_file.empty());
    const char* mode = plain_allowed                  ? "disable"
                       : checked                      ? "verify-full"
                       : address_.tls == Tls::require ? "require"
                                                      : "prefer";
    const std::string authorities = !checked ? "/nonexistent"
                                    : address_.ca_file.empty()
                                        ? "/etc/ssl/certs/ca-certificates.crt"
                                        : address_.ca_file;
    const char* const names[] = {"host",
                                 "port",
                                 "dbname",
                                 "user",
                                 "password",
                                 "sslmode",
                                 "sslrootcert",
                                 "gssencmode",
                                 "passfile",
                                 "client_encoding",
                                 "application_name",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 nullptr};
    const char* const values[] = {address_.host.c_str(),
                                  port.c_str(),
                                  address_.database.c_str(),
                                  address_.user.c_str(),
                                  address_.password.c_str(),
                                  mode,
                                  authorities.c_str(),
                                  "disable",
                                  no_file,
                                  "UTF8",
                                  "rondom",
                                  "30",
                                  "10",
                                  "3",
                                  nullptr};
    connection_ = ::PQconnectStartParams(names, values, 0);
    if (connection_ == nullptr) return {Code::internal, "PostgreSQL: no memory."};
    ::PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);  // with the code that tells what is wrong
    ::PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    Status status = wait_connected();
    if (!status.ok()) close();
    return status;
  }

  Status wait_connected() {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::seconds(address_.connect_timeout_seconds);
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (::PQstatus(connection_) != CONNECTION_BAD) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0) {
        return {Code::unavailable, "PostgreSQL: no connection to " + address_.place() + " within " +
                                       std::to_string(address_.connect_timeout_seconds) + " s."};
      }
      pollfd socket{::PQsocket(connection_),
                    static_cast<short>(want == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      if (::poll(&socket, 1, static_cast<int>(left.count())) <= 0) continue;
      want = ::PQconnectPoll(connection_);
      if (want == PGRES_POLLING_OK) return {};
      if (want == PGRES_POLLING_FAILED) break;
    }
    return connect_failure(::PQerrorMessage(connection_), address_);
  }

  Status command(const std::string& text) {
    const PgResult result(::PQexec(connection_, text.c_str()));
    if (::PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
    return statement_failure(connection_, result.get(), {text, {}, 0}, address_);
  }

  Status stream(const Statement& statement, const RowHandler& on_row) {
    std::vector<const char*> values;
    for (const Bound& value : statement.values) {
      values.push_back(value.kind == Kind::null ? nullptr : value.text.c_str());
    }
    if (::PQsendQueryParams(connection_, statement.text.c_str(), static_cast<int>(values.size()),
                            nullptr, values.data(), nullptr, nullptr, 0) != 1) {
      return statement_failure(connection_, nullptr, statement, address_);
    }
    ::PQsetSingleRowMode(connection_);
    Status status;
    std::vector<PgType> types;
    std::vector<Cell> cells;
    std::vector<Oid> oids;
    while (const PgResult result{::PQgetResult(connection_)}) {
      const ExecStatusType got = ::PQresultStatus(result.get());
      if (!status.ok()) continue;  // what was under way when it ended
      if (got != PGRES_SINGLE_TUPLE && got != PGRES_TUPLES_OK) {
        status = statement_failure(connection_, result.get(), statement, address_);
        continue;
      }
      if (cells.empty()) {
        oids = describe(*result, cells);
        types = types_of(oids);
      }
      if (got != PGRES_SINGLE_TUPLE) continue;
      fill(*result, types, cells);
      status = on_row(cells);
      if (!status.ok()) cancel();
    }
    if (described_ != nullptr && status.ok()) return resolve(oids);
    return status;
  }

  void cancel() {
    std::array<char, 256> ignored{};
    ::PQcancel(cancel_, ignored.data(), static_cast<int>(ignored.size()));
  }

  std::vector<Oid> describe(PGresult& result, std::vector<Cell>& cells) {
    std::vector<Oid> oids;
    for (int i = 0; i < ::PQnfields(&result); ++i) {
      oids.push_back(::PQftype(&result, i));
      if (described_ != nullptr) described_->push_back({::PQfname(&result, i), Kind::text});
    }
    cells.resize(oids.size());
    return oids;
  }

  std::vector<PgType> types_of(const std::vector<Oid>& oids) const {
    std::vector<PgType> types;
    for (const Oid oid : oids) {
      const auto known = types_.find(oid);
      types.push_back(known == types_.end() ? PgType() : known->second);
    }
    return types;
  }

  /// Asks for the types not met before, when no statement is under way.
  Status resolve(const std::vector<Oid>& oids) {
    std::string list;
    for (const Oid oid : oids) {
      if (types_.count(oid) == 0) list += (list.empty() ? "" : ",") + std::to_string(oid);
    }
    std::vector<Column>* const columns = std::exchange(described_, nullptr);
    if (!list.empty()) {
      RONDOM_TRY(stream(
          {"SELECT t.oid, t.typname, coalesce(e.typname, ''), t.typcategory = 'A' "
           "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem "
           "WHERE t.oid IN (" +
               list + ")",
           {},
           0},
          [&](const std::vector<Cell>& row) -> Status {
            Oid oid = 0;
            std::from_chars(row[0].text.data(), row[0].text.data() + row[0].text.size(), oid);
            types_[oid] = row[3].text == "t" ? PgType{Kind::list, kind_of(row[2].text)}
                                             : PgType{kind_of(row[1].text), Kind::text};
            return {};
          }));
    }
    for (std::size_t i = 0; i < oids.size(); ++i) (*columns)[i].kind = types_[oids[i]].kind;
    return {};
  }

  static void fill(PGresult& result, const std::vector<PgType>& types, std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int column = static_cast<int>(i);
      if (::PQgetisnull(&result, 0, column) != 0) {
        cells[i] = {};
        continue;
      }
      cells[i] = {types[i].kind,
                  types[i].element,
                  {::PQgetvalue(&result, 0, column),
                   static_cast<std::size_t>(::PQgetlength(&result, 0, column))}};
    }
  }

  Address address_;
  PGconn* connection_ = nullptr;
  PGcancel* cancel_ = nullptr;
  std::map<Oid, PgType> types_;
  std::vector<Column>* described_ = nullptr;
};

}  // namespace

std::unique_ptr<Connection> make_postgresql(const Address& address) {
  return std::make_unique<Postgresql>(address);
}

}  // namespace rondom::sql
