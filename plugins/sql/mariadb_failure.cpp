#include "mariadb_failure.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <charconv>

namespace rondom::sql {

namespace {

constexpr unsigned statement_time_mysql = 3024;  // ER_QUERY_TIMEOUT

Code code_of(unsigned number) {
  switch (number) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR: return Code::auth;
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR: return Code::not_permitted;
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST: return Code::unavailable;
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case ER_CON_COUNT_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
    case statement_time_mysql:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK: return Code::transient;
    default: return Code::config;
  }
}

/// "… near 'x' at line 4": the query starts on line 2 of what was sent.
std::string with_own_line(std::string said) {
  const std::size_t at = said.rfind(" at line ");
  if (at == std::string::npos) return said;
  unsigned line = 0;
  std::from_chars(said.data() + at + 9, said.data() + said.size(), line);
  return said.substr(0, at + 9) + std::to_string(line > 1 ? line - 1 : line);
}

}  // namespace

Failure mariadb_failure(unsigned number, std::string_view message, const Statement& statement,
                        const Address& address) {
  const std::string where = "MariaDB, " + address.place() + ": ";
  std::string said(message);
  const Code code = code_of(number);
  if (number == CR_SSL_CONNECTION_ERROR) {
    return {Code::config,
            where + said +
                "; ca_file says whom to trust, tls: off would send everything in the clear."};
  }
  if (number == ER_STATEMENT_TIMEOUT || number == statement_time_mysql) {
    return {code, where + "a statement was stopped; statement_timeout_seconds is " +
                      std::to_string(address.statement_timeout_seconds) + "."};
  }
  if (number == CR_SERVER_GONE_ERROR || number == CR_SERVER_LOST) {
    return {code, where + "the connection was lost."};
  }
  if (code == Code::auth) said += "; check user, password and from where the account may connect";
  if (code == Code::not_permitted) said += "; GRANT SELECT to the account";
  if (statement.query_at > 0) return {code, where + "query: " + with_own_line(said) + "."};
  return {code, where + said + "."};
}

}  // namespace rondom::sql
