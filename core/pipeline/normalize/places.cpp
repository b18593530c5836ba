#include "pipeline/normalize/places.h"

#include <algorithm>
#include <cstddef>

namespace rondom::normalize {
namespace {

bool holds_several(AttributeId id) {
  return id == attribute::custom || id == attribute::identifier;
}

}  // namespace

Places::Places() {
  AttributeId last = 0;
  for (const AttributeInfo& info : attributes()) last = std::max(last, info.id);
  next_group_.resize(std::size_t{last} + 1);
}

void Places::clear() {
  for (const AttributeId id : seen_) next_group_[id] = 0;
  seen_.clear();
  may_repeat_ = false;
}

void Places::add(const Cell& cell) {
  if (holds_several(cell.attribute) || cell.attribute >= next_group_.size()) return;
  std::uint32_t& next = next_group_[cell.attribute];
  if (next == 0) seen_.push_back(cell.attribute);
  if (cell.group < next) may_repeat_ = true;
  next = std::max(next, cell.group + 1);
}

void keep_first_values(std::vector<Cell>& cells) {
  std::vector<std::size_t> order;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    if (!holds_several(cells[at].attribute) && !cells[at].value.empty()) order.push_back(at);
  }
  const auto same_place = [&](std::size_t a, std::size_t b) {
    return cells[a].attribute == cells[b].attribute && cells[a].group == cells[b].group;
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (cells[a].attribute != cells[b].attribute) return cells[a].attribute < cells[b].attribute;
    return cells[a].group != cells[b].group ? cells[a].group < cells[b].group : a < b;
  });
  for (std::size_t at = 1; at < order.size(); ++at) {
    if (same_place(order[at - 1], order[at])) cells[order[at]].value = {};
  }
  std::erase_if(cells, [](const Cell& cell) { return cell.value.empty(); });
}

}  // namespace rondom::normalize
