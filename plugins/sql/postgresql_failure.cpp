#include "postgresql_failure.h"

#include <cstdlib>

namespace rondom::sql {

namespace {

/// The line of libpq's message that says it, without the code and the place in its own source.
std::string sentence_of(std::string_view message) {
  std::string line(message.substr(0, message.find('\n')));
  for (const char* mark : {"FATAL:  ", "ERROR:  "}) {
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) continue;
    line = line.substr(at + 8);
    if (line.size() > 7 && line.substr(5, 2) == ": ") line = line.substr(7);
    return line;
  }
  return line;
}

bool has_code(std::string_view message, std::string_view code) {
  return message.find("  " + std::string(code) + ": ") != std::string_view::npos;
}

/// By the five characters of SQLSTATE.
Code code_of(std::string_view state) {
  if (state == "42501") return Code::not_permitted;
  if (state.starts_with("28")) return Code::auth;
  if (state.starts_with("08") || state.starts_with("53") || state.starts_with("57P") ||
      state.starts_with("40") || state == "57014" || state == "55P03") {
    return Code::transient;
  }
  if (state.starts_with("42") || state.starts_with("25") || state.starts_with("0A") ||
      state.starts_with("3D") || state.starts_with("3F")) {
    return Code::config;
  }
  return Code::data;
}

}  // namespace

Failure connect_failure(std::string_view message, const Address& address) {
  const std::string where = "PostgreSQL, " + address.place() + ": ";
  const std::string said = sentence_of(message);
  if (has_code(message, "28P01") || has_code(message, "28000")) {
    return {Code::auth, where + said + "; check user and password, and pg_hba.conf of the server."};
  }
  if (has_code(message, "3D000")) return {Code::config, where + said + "."};
  if (has_code(message, "42501")) {
    return {Code::not_permitted, where + said + "; GRANT CONNECT ON DATABASE to the account."};
  }
  if (message.find("no password supplied") != std::string_view::npos) {
    return {Code::auth, where + "the server asks for a password; say password."};
  }
  if (message.find("does not support SSL") != std::string_view::npos) {
    return {Code::config,
            where + "the server offers no TLS; tls: off would send everything in the clear."};
  }
  if (message.find("certificate") != std::string_view::npos) {
    return {Code::config, where + said + "; ca_file says whom to trust."};
  }
  return {Code::unavailable, where + said + "."};
}

Failure statement_failure(PGconn* connection, const PGresult* result, const Statement& statement,
                          const Address& address) {
  const std::string where = "PostgreSQL, " + address.place() + ": ";
  const char* state = result == nullptr ? nullptr : ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (::PQstatus(connection) != CONNECTION_OK &&
      (state == nullptr || code_of(state) != Code::transient)) {
    return {Code::transient, where + "the connection was lost."};
  }
  if (state == nullptr)
    return {Code::transient, where + sentence_of(::PQerrorMessage(connection)) + "."};
  if (std::string_view(state) == "57014") {
    return {Code::transient, where + "a statement was stopped; statement_timeout_seconds is " +
                                 std::to_string(address.statement_timeout_seconds) + "."};
  }
  const char* primary = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string said = primary == nullptr ? "unknown error" : primary;
  const Code code = code_of(state);
  // The text of an error about a value holds the value.
  if (code == Code::data) said = "a value cannot be read (SQLSTATE " + std::string(state) + ")";
  if (code == Code::not_permitted) said += "; GRANT SELECT to the account";
  const char* position = ::PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
  if (position != nullptr && statement.query_at > 0) {
    const std::size_t at = std::strtoul(position, nullptr, 10);
    if (at > statement.query_at) {
      const std::string_view query = std::string_view(statement.text).substr(statement.query_at);
      return {code,
              where + "query, " + place_in(query, at - statement.query_at - 1) + ": " + said + "."};
    }
  }
  return {code, where + said + "."};
}

}  // namespace rondom::sql
