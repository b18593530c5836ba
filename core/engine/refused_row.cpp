#include "engine/refused_row.h"

#include <algorithm>

#include "model/refusals.h"

namespace rondom::engine {

namespace {

bool is_consent(const Cell& cell) {
  return cell.attribute >= attribute::consent_purpose && cell.attribute <= attribute::consent_at;
}

/// False: the cell says nothing that counts here.
bool clean(Cell& cell, const normalize::Context& context, normalize::Normalizer& normalizer,
           Arena& arena) {
  const bool is_status = cell.attribute == attribute::consent_status;
  if (is_status && cell.value == unreadable_consent) return true;
  const AttributeInfo* const info = attribute_by_id(cell.attribute);
  if (info == nullptr) return false;
  const Result<normalize::Cleaned> cleaned = normalizer.clean(*info, cell.value, context, arena);
  if (!cleaned.ok()) {
    cell.value = is_status ? unreadable_consent : std::string_view();
    return is_status;
  }
  cell.value = cleaned->value;
  cell.rule = cleaned->rule;
  if (cell.attribute == attribute::death_status) {
    return cell.value == "presumed" || cell.value == "confirmed";
  }
  return !cell.value.empty();
}

/// Consents without a status, and those that say yes, go with all their cells.
void keep_refusals(std::vector<Cell>& cells) {
  std::vector<std::uint32_t> refusing;
  for (const Cell& cell : cells) {
    if (cell.attribute == attribute::consent_status && cell.value != "granted") {
      refusing.push_back(cell.group);
    }
  }
  std::erase_if(cells, [&](const Cell& cell) {
    return is_consent(cell) &&
           std::find(refusing.begin(), refusing.end(), cell.group) == refusing.end();
  });
}

}  // namespace

void clean_refusals(std::span<const map::MappedRecord> found, const normalize::Context& context,
                    normalize::Normalizer& normalizer, Arena& arena,
                    std::vector<store::Output>& outputs) {
  for (const map::MappedRecord& record : found) {
    RecordBuilder refusals;
    for (Cell cell : record.cells->cells()) {
      if (clean(cell, context, normalizer, arena)) refusals.add(cell);
    }
    keep_refusals(refusals.cells());
    const bool refuses =
        std::any_of(refusals.cells().begin(), refusals.cells().end(), [](const Cell& cell) {
          return is_consent(cell) || cell.attribute == attribute::death_status;
        });
    if (!refuses) continue;
    store::Output output;
    output.entity = record.entity;
    output.key = arena.copy(record.key);
    output.canonical = arena.copy(refusals.bytes());
    outputs.push_back(output);
  }
}

}  // namespace rondom::engine
