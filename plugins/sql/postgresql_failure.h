// What PostgreSQL's failures mean for a run, as sentences without the password. Pure functions.
#pragma once

#include <libpq-fe.h>

#include "connection.h"

namespace rondom::sql {

/// `message` is libpq's, with the codes of PQERRORS_VERBOSE.
Failure connect_failure(std::string_view message, const Address& address);

/// `result` may be null when nothing came back.
Failure statement_failure(PGconn* connection, const PGresult* result, const Statement& statement,
                          const Address& address);

}  // namespace rondom::sql
