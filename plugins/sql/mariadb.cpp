// MariaDB and MySQL through libmariadb, row by row.
#include <mysql.h>
#include <sys/socket.h>

#include <mutex>
#include <utility>

#include "connection.h"
#include "mariadb_failure.h"

namespace rondom::sql {

namespace {

constexpr unsigned bytes_charset = 63;
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";
// What may answer the server's challenge: nothing that sends the password as it is.
constexpr const char* safe_authentication =
    "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password";

struct FreeResult {
  void operator()(MYSQL_RES* result) const { ::mysql_free_result(result); }
};

bool is_json(const MYSQL_FIELD& field) {
  MARIADB_CONST_STRING format{nullptr, 0};
  return ::mariadb_field_attr(&format, &field, MARIADB_FIELD_ATTR_FORMAT_NAME) == 0 &&
         std::string_view(format.str == nullptr ? "" : format.str, format.length) == "json";
}

Kind kind_of(const MYSQL_FIELD& field) {
  switch (field.type) {
    case MYSQL_TYPE_TINY:
      return field.length == 1 && (field.flags & UNSIGNED_FLAG) == 0 ? Kind::boolean
                                                                     : Kind::integer;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: return Kind::integer;
    case MYSQL_TYPE_BIT: return field.length == 1 ? Kind::boolean : Kind::integer;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return Kind::decimal;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: return Kind::real;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return Kind::date;
    case MYSQL_TYPE_DATETIME: return Kind::local_time;
    case MYSQL_TYPE_TIMESTAMP: return Kind::utc_time;
    case MYSQL_TYPE_JSON: return Kind::json;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
      if (is_json(field)) return Kind::json;
      return field.charsetnr == bytes_charset ? Kind::bytes : Kind::text;
    case MYSQL_TYPE_GEOMETRY: return Kind::bytes;
    default: return Kind::text;
  }
}

class Mariadb final : public Connection {
 public:
  explicit Mariadb(Address address) : address_(std::move(address)) {}
  ~Mariadb() override { close(); }

  Status open() override {
    if (connection_ != nullptr) return {};
    connection_ = ::mysql_init(nullptr);
    if (connection_ == nullptr) return {Code::internal, "MariaDB: no memory."};
    set_options();
    const char* const host = address_.is_socket() ? "localhost" : tcp_host();
    if (::mysql_real_connect(connection_, host, address_.user.c_str(), address_.password.c_str(),
                             address_.database.c_str(), address_.is_socket() ? 0 : address_.port,
                             address_.is_socket() ? address_.host.c_str() : nullptr,
                             0) == nullptr) {
      return fail({});
    }
    RONDOM_TRY(command("SET time_zone = '+00:00'"));
    // While the engine is behind, the server must keep a result that is under way.
    RONDOM_TRY(command("SET net_write_timeout = 3600"));
    const std::string seconds = std::to_string(address_.statement_timeout_seconds);
    if (command("SET max_statement_time = " + seconds).ok()) return {};
    return command("SET max_execution_time = " + seconds + "000");  // MySQL's name for it
  }

  Result<std::vector<Table>> tables() override {
    std::vector<Table> found;
    const Status status =
        select({"SELECT table_name FROM information_schema.tables WHERE "
                "table_schema = DATABASE() ORDER BY 1 LIMIT " +
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
    Statement statement;
    const std::string name = placed(statement, {Kind::text, table.name});
    statement.text =
        "SELECT c.column_name, c.is_nullable, s.seq_in_index FROM information_schema.columns c "
        "LEFT JOIN information_schema.statistics s ON s.table_schema = c.table_schema AND "
        "s.table_name = c.table_name AND s.column_name = c.column_name AND s.index_name = "
        "'PRIMARY' "
        "WHERE c.table_schema = DATABASE() AND c.table_name = " +
        name + " ORDER BY 3, 1";
    const Status status = select(statement, [&](const std::vector<Cell>& row) -> Status {
      if (row[1].text == "NO") facts.not_null.emplace_back(row[0].text);
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
    RONDOM_TRY(command("START TRANSACTION READ ONLY"));
    RONDOM_TRY(stream(statement, on_row));
    return command("COMMIT");
  }

  void interrupt() override {
    const std::lock_guard lock(mutex_);
    if (connection_ != nullptr) ::shutdown(::mysql_get_socket(connection_), SHUT_RDWR);
  }

  std::string quoted(std::string_view identifier) const override {
    std::string out = "`";
    for (const char c : identifier) out.append(c == '`' ? 2 : 1, c);
    return out + "`";
  }
  std::string placed(Statement&, const Bound& value) const override {
    switch (value.kind) {
      case Kind::null: return "NULL";
      case Kind::integer:
      case Kind::decimal:
      case Kind::real:
      case Kind::boolean: return value.text;
      case Kind::bytes: return "x'" + hex(value.text) + "'";
      default: break;
    }
    std::string escaped(value.text.size() * 2 + 1, '\0');
    escaped.resize(::mysql_real_escape_string(connection_, escaped.data(), value.text.data(),
                                              value.text.size()));
    return "'" + escaped + "'";
  }
  std::string exact(const std::string& column) const override {
    return "CONVERT(" + column + " USING utf8mb4) COLLATE utf8mb4_bin";
  }
  bool compares_rows() const override { return false; }

 private:
  static std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
  }

  /// "localhost" would mean the default Unix socket to the library.
  const char* tcp_host() const {
    return address_.host == "localhost" ? "127.0.0.1" : address_.host.c_str();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    if (connection_ != nullptr) ::mysql_close(connection_);
    connection_ = nullptr;
  }

  void set_options() {
    const auto option = [&](mysql_option name, const void* value) {
      ::mysql_optionsv(connection_, name, value);
    };
    const unsigned connecting = address_.connect_timeout_seconds;
    const unsigned reading = address_.statement_timeout_seconds + connecting;
    const unsigned no_files = 0;  // a server must not ask for files of this machine
    option(MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
    option(MYSQL_OPT_READ_TIMEOUT, &reading);
    option(MYSQL_OPT_WRITE_TIMEOUT, &reading);
    option(MYSQL_OPT_LOCAL_INFILE, &no_files);
    option(MYSQL_SET_CHARSET_NAME, "utf8mb4");
    option(MARIADB_OPT_RESTRICTED_AUTH, safe_authentication);
    if (address_.is_socket() || address_.tls == Tls::off) return;
    const bool named = !address_.ca_file.empty();
    const my_bool enforced = address_.tls == Tls::require || !address_.is_local() || named ? 1 : 0;
    const my_bool checked = address_.tls == Tls::verify && enforced != 0 ? 1 : 0;
    if (enforced == 0) return;
    if (checked != 0) {
      option(MYSQL_OPT_SSL_CA, named ? address_.ca_file.c_str() : system_authorities);
    }
    option(MYSQL_OPT_SSL_ENFORCE, &enforced);
    option(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &checked);
  }

  Failure fail(const Statement& statement) {
    Failure failure = mariadb_failure(::mysql_errno(connection_), ::mysql_error(connection_),
                                      statement, address_);
    return failure;
  }

  Status command(const std::string& text) {
    if (::mysql_real_query(connection_, text.data(), text.size()) == 0) return {};
    return fail({});
  }

  Status stream(const Statement& statement, const RowHandler& on_row) {
    if (::mysql_real_query(connection_, statement.text.data(), statement.text.size()) != 0) {
      const Failure failure = fail(statement);
      command("ROLLBACK").ok();
      return failure;
    }
    const std::unique_ptr<MYSQL_RES, FreeResult> result(::mysql_use_result(connection_));
    if (result == nullptr) return fail(statement);
    const MYSQL_FIELD* const fields = ::mysql_fetch_fields(result.get());
    const std::size_t count = ::mysql_num_fields(result.get());
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < count; ++i) {
      kinds.push_back(kind_of(fields[i]));
      if (described_ != nullptr) described_->push_back({fields[i].name, kinds.back()});
    }
    std::vector<Cell> cells(count);
    std::vector<std::string> bits(count);
    while (MYSQL_ROW row = ::mysql_fetch_row(result.get())) {
      const unsigned long* sizes = ::mysql_fetch_lengths(result.get());
      for (std::size_t i = 0; i < count; ++i) {
        cells[i] = {};
        if (row[i] == nullptr) continue;
        cells[i] = {kinds[i], Kind::text, {row[i], sizes[i]}};
        if (fields[i].type == MYSQL_TYPE_BIT) cells[i].text = bits[i] = number_of(cells[i].text);
      }
      Status status = on_row(cells);
      if (status.ok()) continue;
      ::shutdown(::mysql_get_socket(connection_), SHUT_RDWR);  // else the rest would be read
      return status;
    }
    return ::mysql_errno(connection_) == 0 ? Status() : Status(fail(statement));
  }

  static std::string number_of(std::string_view bits) {
    std::uint64_t number = 0;
    for (const char c : bits) number = number << 8 | static_cast<unsigned char>(c);
    return std::to_string(number);
  }

  Address address_;
  std::mutex mutex_;  // closing against interrupt()
  MYSQL* connection_ = nullptr;
  std::vector<Column>* described_ = nullptr;
};

}  // namespace

std::unique_ptr<Connection> make_mariadb(const Address& address) {
  return std::make_unique<Mariadb>(address);
}

}  // namespace rondom::sql
