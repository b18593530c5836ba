// A PostgreSQL server for tests: RONDOM_TEST_POSTGRESQL names one (its schema "rondom" is dropped
// between tests), else a private one is started from the installed package: a temporary directory,
// a Unix socket and no TCP, as an unprivileged user when the tests run as root. It dies with the
// process, however that ends.
#pragma once

#include <memory>
#include <string>

namespace rondom::test {

class PrivatePostgresql {
 public:
  /// The one of this process; started at the first call.
  static PrivatePostgresql& instance();
  ~PrivatePostgresql();
  PrivatePostgresql(const PrivatePostgresql&) = delete;
  PrivatePostgresql& operator=(const PrivatePostgresql&) = delete;

  /// Why there is none; empty when there is one.
  const std::string& missing() const { return missing_; }
  const std::string& dsn() const { return dsn_; }
  /// Runs one SQL command; false when it fails.
  bool execute(const std::string& sql) const;

 private:
  PrivatePostgresql();
  void start();

  std::string missing_;
  std::string dsn_;
  std::string programs_;   // directory of the server's programs
  std::string directory_;  // of the private server
  int server_ = -1;        // its process
};

}  // namespace rondom::test
