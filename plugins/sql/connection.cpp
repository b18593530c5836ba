#include "connection.h"

namespace rondom::sql {

std::unique_ptr<Connection> make_connection(const Address& address) {
  switch (address.driver) {
    case Driver::postgresql: return make_postgresql(address);
    case Driver::mariadb: return make_mariadb(address);
    case Driver::sqlite: break;
  }
  return make_sqlite(address);
}

std::string place_in(std::string_view query, std::size_t character) {
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t seen = 0;
  for (const char c : query) {
    if ((static_cast<unsigned char>(c) & 0xC0u) == 0x80u) continue;
    if (seen++ == character) break;
    ++column;
    if (c != '\n') continue;
    ++line;
    column = 1;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace rondom::sql
