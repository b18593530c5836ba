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

/// Identifiers under which a party record is found: those it carries, or, of a withdrawn one, the
/// contact points it said no about. Sorted, no repeats.
std::vector<std::uint64_t> postings_of(std::string_view canonical, bool live);
std::string encode_identifiers(std::span<const std::uint64_t> identifiers);
std::vector<std::uint64_t> decode_identifiers(std::string_view bytes);

}  // namespace rondom::store
