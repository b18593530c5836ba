// The queries that are asked (SOQL). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "describe.h"

namespace rondom::salesforce {

/// Behind this record in the order of (cursor, Id). Empty `since`: from the beginning; empty `id`:
/// records of that very moment are read as well.
struct Place {
  std::string since;
  std::string id;
};

/// 'text' with what would end it escaped.
std::string quoted(std::string_view text);
std::string select(const Selection& selection);
/// The next `limit` records behind `place`. Equal moments are told apart by Id, so that no record
/// is lost where a page ends among them.
std::string select_after(const Selection& selection, const Place& place, std::int64_t limit);
/// The records whose `field` is one of `values`.
std::string select_where_in(std::string_view object, const std::vector<std::string>& fields,
                            std::string_view field, const std::vector<std::string>& values);

}  // namespace rondom::salesforce
