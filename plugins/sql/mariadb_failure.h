// What the failures of MariaDB and MySQL mean for a run, as sentences without the password.
#pragma once

#include "connection.h"

namespace rondom::sql {

Failure mariadb_failure(unsigned number, std::string_view message, const Statement& statement,
                        const Address& address);

}  // namespace rondom::sql
