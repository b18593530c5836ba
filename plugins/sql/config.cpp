#include "config.h"

#include <charconv>
#include <optional>

namespace rondom::sql {

namespace {

Failure wrong(std::string message) {
  return {Code::config, std::move(message)};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    if (text.size() - i < 3) return std::nullopt;
    const auto read = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    if (read.ptr != text.data() + i + 3 || value == 0) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

/// Everything but the password may stand in a message, so a wrong dsn is told without its text.
Result<Config> with_dsn(Config config) {
  const std::string dsn = std::move(config.dsn);
  config.dsn.clear();
  if (!config.driver.empty() || !config.database.empty() || !config.user.empty() ||
      !config.password.empty() || !config.file.empty()) {
    return wrong("dsn says everything: leave driver, database, user, password and file out.");
  }
  if (dsn.starts_with("sqlite:")) {
    config.driver = "sqlite";
    std::string_view file = std::string_view(dsn).substr(7);
    if (file.starts_with("//")) file.remove_prefix(2);
    config.file = file;
    return config;
  }
  const std::size_t scheme = dsn.find("://");
  const std::string_view name = std::string_view(dsn).substr(0, scheme);
  if (scheme == std::string::npos ||
      (name != "postgresql" && name != "postgres" && name != "mariadb" && name != "mysql")) {
    return wrong("dsn must begin with postgresql://, mariadb://, mysql:// or sqlite:.");
  }
  config.driver = name == "postgres" ? "postgresql" : std::string(name);
  std::string_view rest = std::string_view(dsn).substr(scheme + 3);
  if (rest.find('?') != std::string_view::npos) {
    return wrong("dsn takes no parameters behind ?; tls, ca_file and the times are fields.");
  }
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong("dsn names no database: …@host/database.");
  const auto database = percent_decoded(rest.substr(slash + 1));
  std::string_view authority = rest.substr(0, slash);
  std::optional<std::string> user = "", password = "";
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view account = authority.substr(0, at);
    const std::size_t colon = account.find(':');
    user = percent_decoded(account.substr(0, colon));
    if (colon != std::string_view::npos) password = percent_decoded(account.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = authority.substr(colon + 1);
    const auto read = std::from_chars(port.data(), port.data() + port.size(), config.port);
    if (read.ec != std::errc() || read.ptr != port.data() + port.size() || config.port < 1 ||
        config.port > 65535) {
      return wrong("dsn: the port is no number from 1 to 65535.");
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  const auto host = percent_decoded(authority);
  if (!database || !user || !password || !host) {
    return wrong("dsn: a % must be followed by two hexadecimal digits; write % itself as %25.");
  }
  config.database = *database;
  config.user = *user;
  config.password = *password;
  if (!host->empty()) config.host = *host;
  return config;
}

}  // namespace

bool Address::is_local() const {
  return is_socket() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string Address::place() const {
  if (driver == Driver::sqlite) return file;
  std::string out = database + " at " + host;
  if (!is_socket()) out += ":" + std::to_string(port);
  return out;
}

Result<Address> address_of(const Config& given) {
  Config config = given;
  if (!config.dsn.empty()) {
    Result<Config> whole = with_dsn(std::move(config));
    if (!whole.ok()) return whole.error();
    config = std::move(*whole);
  }
  if (config.driver.empty()) return wrong("Say driver (postgresql, mariadb or sqlite), or dsn.");
  Address address;
  address.driver = config.driver == "postgresql" ? Driver::postgresql
                   : config.driver == "sqlite"   ? Driver::sqlite
                                                 : Driver::mariadb;
  address.file = config.file;
  if (address.driver == Driver::sqlite) {
    if (config.file.empty()) return wrong("driver: sqlite needs file.");
  } else {
    if (!config.file.empty()) return wrong("file is for driver: sqlite; say host and database.");
    if (config.database.empty()) return wrong("driver: " + config.driver + " needs database.");
    if (config.user.empty()) return wrong("driver: " + config.driver + " needs user.");
  }
  address.host = config.host;
  address.database = config.database;
  address.user = config.user;
  address.password = config.password;
  address.ca_file = config.ca_file;
  address.tls = config.tls == "off"       ? Tls::off
                : config.tls == "require" ? Tls::require
                                          : Tls::verify;
  const unsigned usual = address.driver == Driver::postgresql ? 5432 : 3306;
  address.port = config.port == 0 ? usual : static_cast<unsigned>(config.port);
  address.statement_timeout_seconds = static_cast<unsigned>(config.statement_timeout_seconds);
  address.connect_timeout_seconds = static_cast<unsigned>(config.connect_timeout_seconds);
  return address;
}

}  // namespace rondom::sql
