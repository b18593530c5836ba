// Readers shared by several parts of TableStore. Private.
#pragma once

#include <span>
#include <vector>

#include "store/database.h"
#include "store/store.h"

namespace rondom::store {

/// A row of tables::profile with all its columns.
Profile read_profile(std::span<const Cell> row);
Rows one_column(std::span<const std::int64_t> ids);
inline std::string_view bytes_of(const Uid& uid) {
  return {reinterpret_cast<const char*>(uid.bytes.data()), uid.bytes.size()};
}

}  // namespace rondom::store
