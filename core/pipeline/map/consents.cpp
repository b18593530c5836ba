// gives_consent(): could a map say yes to a purpose?
#include <algorithm>

#include "pipeline/map/map.h"
#include "pipeline/map/plan.h"

namespace rondom::map {
namespace {

const CellPlan* cell_for(const ElementPlan& element, AttributeId attribute) {
  const auto found =
      std::find_if(element.cells.begin(), element.cells.end(),
                   [&](const CellPlan& cell) { return cell.attribute == attribute; });
  return found == element.cells.end() ? nullptr : &*found;
}

/// What is computed from the record may be anything.
bool may_be(const CellPlan* cell, std::string_view word) {
  if (cell == nullptr) return false;
  const Operand& operand = cell->producer.operand;
  return operand.kind != Operand::Kind::constant || operand.constant == word;
}

bool may_grant(const ElementPlan& element, std::string_view purpose) {
  if (may_be(cell_for(element, attribute::consent_purpose), purpose) &&
      may_be(cell_for(element, attribute::consent_status), "granted")) {
    return true;
  }
  return std::any_of(element.inner.begin(), element.inner.end(),
                     [&](const ElementPlan& inner) { return may_grant(inner, purpose); });
}

}  // namespace

bool gives_consent(const Plan& plan, std::string_view purpose) {
  for (const RecordPlan& record : plan.records) {
    for (const ListPlan& list : record.lists) {
      if (!list.is_consents) continue;
      for (const ElementPlan& element : list.elements) {
        if (may_grant(element, purpose)) return true;
      }
    }
  }
  return false;
}

}  // namespace rondom::map
