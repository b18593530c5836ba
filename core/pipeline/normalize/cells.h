// cells: small helpers over the cells of one record. Any thread, one record at a time.
#pragma once

#include <string_view>
#include <vector>

#include "model/model.h"

namespace rondom::normalize {

inline Cell* find_cell(std::vector<Cell>& cells, AttributeId id, std::uint32_t group) {
  for (Cell& cell : cells) {
    if (cell.attribute == id && cell.group == group) return &cell;
  }
  return nullptr;
}

/// Gives a cell another value and remembers what it was made from and how.
inline void change(Cell& cell, std::string_view value, Rule rule) {
  if (cell.value == value) return;
  if (cell.raw.data() == nullptr) cell.raw = cell.value;
  cell.value = value;
  cell.rule = rule == Rule::none ? Rule::trimmed : rule;
}

}  // namespace rondom::normalize
