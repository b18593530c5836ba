// Config: what a connection says, and the address that it comes down to. Plain data.
#pragma once

#include <cstdint>
#include <string>

#include "rondom/sdk.hpp"

namespace rondom::sql {

enum class Driver : std::uint8_t { postgresql, mariadb, sqlite };
enum class Tls : std::uint8_t { verify, require, off };

struct Config {
  std::string dsn, driver, host, database, user, password, tls, ca_file, file;
  std::int64_t port = 0;
  std::int64_t statement_timeout_seconds = 0;
  std::int64_t connect_timeout_seconds = 0;

  static constexpr auto spec =
      Spec<Config>("sql", "Tables, views and queries of PostgreSQL, MariaDB, MySQL and SQLite.")
          .title("SQL databases")
          .field("dsn", &Config::dsn,
                 "Everything in one: postgresql://user:password@host:port/database, mariadb://…, "
                 "mysql://… or sqlite:path; instead of the fields below.")
          .secret()
          .field("driver", &Config::driver, "The kind of database.")
          .choices("postgresql", "mariadb", "mysql", "sqlite")
          .field("host", &Config::host,
                 "Name or address; a path is a folder (PostgreSQL) or file "
                 "(MariaDB) of a Unix socket.")
          .fallback("localhost")
          .field("port", &Config::port, "0 = the usual one.")
          .fallback(0)
          .range(0, 65535)
          .field("database", &Config::database, "Name of the database.")
          .field("user", &Config::user, "Account; one that may only read is enough.")
          .field("password", &Config::password, "Its password.")
          .secret()
          .field("tls", &Config::tls,
                 "verify: encrypted, certificate and name checked (this machine: not asked for); "
                 "require: encrypted, not checked; off.")
          .fallback("verify")
          .choices("verify", "require", "off")
          .field("ca_file", &Config::ca_file,
                 "Certificates to trust instead of the system's (PEM).")
          .field("file", &Config::file, "SQLite: the database file.")
          .field("statement_timeout_seconds", &Config::statement_timeout_seconds,
                 "The longest that one statement may take.")
          .fallback(300)
          .range(1, 86400)
          .field("connect_timeout_seconds", &Config::connect_timeout_seconds,
                 "The longest that connecting may take.")
          .fallback(15)
          .range(2, 600);
};

struct Address {
  Driver driver = Driver::postgresql;
  std::string host, database, user, password, ca_file, file;
  unsigned port = 0;
  Tls tls = Tls::verify;
  unsigned statement_timeout_seconds = 300;
  unsigned connect_timeout_seconds = 15;

  bool is_socket() const { return host.starts_with('/'); }
  /// Nothing leaves this machine.
  bool is_local() const;
  /// For messages: where it is, no account and no password.
  std::string place() const;
};

/// Code::config with a sentence that names the field.
Result<Address> address_of(const Config& config);

}  // namespace rondom::sql
