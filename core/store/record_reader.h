// Readers shared by several parts of TableStore. Private.
#pragma once

#include <algorithm>
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

inline Uid uid_of(std::string_view bytes) {
  Uid uid;
  std::copy_n(bytes.begin(), std::min(bytes.size(), uid.bytes.size()), uid.bytes.begin());
  return uid;
}

}  // namespace rondom::store
