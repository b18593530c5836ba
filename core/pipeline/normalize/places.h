// places: one value for each place of a record. One thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "model/model.h"

namespace rondom::normalize {

/// Finds places, an attribute of one element, that hold more than one value. Only custom values and
/// identifiers may.
class Places {
 public:
  Places();
  void clear();
  /// Takes the cells of a record one after the other.
  void add(const Cell& cell);
  /// May a place hold several values? Certain when no: elements that come in another order than
  /// that of their numbers look like it.
  bool may_repeat() const { return may_repeat_; }

 private:
  std::vector<std::uint32_t> next_group_;  // by attribute: groups below were seen, or left out
  std::vector<AttributeId> seen_;
  bool may_repeat_ = false;
};

/// Leaves each place the first value that says something; drops the others and cells without a
/// value.
void keep_first_values(std::vector<Cell>& cells);

}  // namespace rondom::normalize
