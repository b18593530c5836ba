// Query text: is what a job says one SELECT, that may stand in brackets? Pure functions.
//
// The database is the judge of the SQL; this keeps what is written from being more than a query:
// every statement runs as SELECT … FROM ( query ) in a read-only transaction.
#pragma once

#include <string>
#include <string_view>

#include "config.h"

namespace rondom::sql {

inline constexpr std::size_t query_bytes_max = 1024 * 1024;

/// The query without a last semicolon; Code::config with line and column when it is not one SELECT
/// or WITH.
Result<std::string> checked_query(std::string_view text, Driver driver);

}  // namespace rondom::sql
