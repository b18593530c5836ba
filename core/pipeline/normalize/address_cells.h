// address_cells: the address cells of one record, taken apart where that is certain. Pure
// functions.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/model.h"

namespace rondom::normalize {

/// Cells that split_addresses() looks at.
bool is_address_line(AttributeId id);

/// The country that an address names by its code, else `country`.
std::string_view country_of_address(std::vector<Cell>& cells, std::uint32_t group,
                                    std::string_view country);

/// House numbers, additions and units out of street lines and number cells, and all parts out of a
/// whole address that stands alone. Cells that cannot be taken apart for certain get
/// Rule::uncertain. Takes cells that are clean one by one; countries are codes where they can be.
void split_addresses(std::vector<Cell>& cells, std::string_view country, Arena& arena);

/// Line breaks become ", "; a view of `text` where there are none.
std::string_view lines_to_commas(std::string_view text, Arena& arena);

}  // namespace rondom::normalize
