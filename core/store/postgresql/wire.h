// Wire: values in PostgreSQL's binary format. Private to the PostgreSQL backend.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/database.h"

namespace rondom::store::wire {

/// Type numbers of pg_type that never change.
std::uint32_t type_of(ColumnType type);
std::uint32_t array_type_of(ColumnType type);
const char* type_name(ColumnType type);

/// One value without its length. Text is made valid: no NUL, no broken UTF-8.
void append_value(std::string& out, const Cell& cell, ColumnType type);
/// Column `column` of rows [first, last) as a one-dimensional array.
std::string array_of(const Rows& rows, std::size_t column, std::size_t first, std::size_t last,
                     ColumnType type);
/// A value of a binary result; a view of `bytes`.
Cell read_value(std::string_view bytes, ColumnType type);
std::int64_t read_integer(std::string_view bytes);

}  // namespace rondom::store::wire
