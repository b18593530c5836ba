// Connection: what reading needs of a database; one implementation a driver.
//
// Owned by one call of the source and used by its thread; interrupt() alone may come from another.
// Failures never hold the password. Every statement runs in a read-only transaction of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cell.h"
#include "config.h"

namespace rondom::sql {

struct Table {
  std::string schema;  // empty where the driver has none
  std::string name;
  std::string stream;  // the name without the schema where that is the connection's own
};

struct Column {
  std::string name;
  Kind kind = Kind::text;
};

/// What the database promises of a table.
struct TableFacts {
  std::vector<std::string> key;  // the primary key, in its order
  std::vector<std::string> not_null;
};

struct Statement {
  std::string text;
  std::vector<Bound> values;
  std::size_t query_at = 0;  // characters before the user's own query; 0 = there is none
};

using RowHandler = std::function<Status(const std::vector<Cell>& cells)>;

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual Status open() = 0;
  /// Tables and views, at most tables_max; those the user may not read too, where that is known.
  virtual Result<std::vector<Table>> tables() = 0;
  virtual Result<TableFacts> facts(const Table& table) = 0;
  /// The columns of a SELECT, without running it to its end.
  virtual Result<std::vector<Column>> columns(const Statement& statement) = 0;
  /// Row after row as they arrive; nothing is collected. Ends when `on_row` fails, with its Status.
  virtual Status select(const Statement& statement, const RowHandler& on_row) = 0;
  /// Ends what another thread waits for; the connection is of no use afterwards.
  virtual void interrupt() = 0;

  virtual std::string quoted(std::string_view identifier) const = 0;
  /// The text that stands for `value` in `statement`.
  virtual std::string placed(Statement& statement, const Bound& value) const = 0;
  /// A text column compared byte by byte, where its own collation may call different texts equal.
  virtual std::string exact(const std::string& column) const = 0;
  /// (a, b) > (x, y) is understood, and uses an index.
  virtual bool compares_rows() const = 0;
};

inline constexpr std::size_t tables_max = 10'000;

std::unique_ptr<Connection> make_postgresql(const Address& address);
std::unique_ptr<Connection> make_mariadb(const Address& address);
std::unique_ptr<Connection> make_sqlite(const Address& address);
std::unique_ptr<Connection> make_connection(const Address& address);

/// "line 3, column 7" of a character in a query.
std::string place_in(std::string_view query, std::size_t character);

}  // namespace rondom::sql
