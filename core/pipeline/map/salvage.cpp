#include "pipeline/map/salvage.h"

#include <algorithm>

#include "model/refusals.h"

namespace rondom::map {
namespace {

/// Elements looked at per source record; of more it is said that they could not be read.
constexpr std::size_t salvaged_elements_max = 10'000;

bool refuses(const ListPlan& list) {
  return list.is_consents || list.is_suppressions;
}

/// As what a suppression of a row that cannot be read is kept in mind: as a consent of its scope
/// that nobody could read. 0: it does not say how far it goes.
AttributeId as_consent(AttributeId id) {
  switch (id) {
    case attribute::suppression_purpose: return attribute::consent_purpose;
    case attribute::suppression_channel: return attribute::consent_channel;
    case attribute::suppression_contact: return attribute::consent_contact;
    default: return 0;
  }
}

bool tells_refusals(const RecordPlan& record) {
  if (!is_party(record.entity)) return false;
  const auto is_death = [](const CellPlan& cell) {
    return cell.attribute == attribute::death_status;
  };
  return std::any_of(record.lists.begin(), record.lists.end(),
                     [](const ListPlan& list) { return refuses(list); }) ||
         std::any_of(record.scalars.begin(), record.scalars.end(), is_death);
}

bool decides(AttributeId id) {
  return id == attribute::consent_purpose || id == attribute::consent_channel ||
         id == attribute::consent_contact || id == attribute::consent_status ||
         id == attribute::consent_at;
}

}  // namespace

std::span<const MappedRecord> Salvage::read(std::string_view key) {
  records_.clear();
  elements_ = 0;
  for (const RecordPlan& record : plan_.records) {
    if (tells_refusals(record)) read_records(record, key);
  }
  return records_;
}

void Salvage::read_records(const RecordPlan& record, std::string_view key) {
  if (!record.for_each.present()) return read_record(record, key);
  std::span<const Value> items;
  if (!evaluator_.items(record.for_each, items)) {
    MappedRecord whole;
    whole.entity = record.entity;
    whole.cells = &next_builder();
    add_unreadable(*whole.cells);
    records_.push_back(whole);
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Evaluator::Outer outer = evaluator_.enter(items[i], static_cast<std::int64_t>(i));
    read_record(record, key);
    evaluator_.leave(outer);
  }
}

void Salvage::read_record(const RecordPlan& record, std::string_view key) {
  if (records_.size() >= limits::outputs_per_source_record_max) return;
  bool wanted = true;
  if (evaluator_.holds(record.when, wanted) && !wanted) return;
  MappedRecord made;
  made.entity = record.entity;
  made.key = key;
  // Of a record whose own key cannot be read it is the whole source record that speaks.
  if (!record.key.empty() && !evaluator_.key(record.key, made.key)) made.key = {};
  made.cells = &next_builder();
  records_.push_back(made);
  group_ = 0;
  for (const CellPlan& plan : record.scalars) {
    if (plan.attribute != attribute::death_status) continue;
    Cell cell;
    cell.attribute = plan.attribute;
    if (produce_(plan.producer, cell) && !cell.value.empty()) made.cells->add(cell);
  }
  for (const ListPlan& list : record.lists) read_list(list, *made.cells);
}

void Salvage::read_list(const ListPlan& list, RecordBuilder& out) {
  if (!refuses(list) && list.group != "emails" && list.group != "phones") return;
  for (const ElementPlan& element : list.elements) read_element(list, element, true, out);
}

void Salvage::read_element(const ListPlan& list, const ElementPlan& element, bool certain,
                           RecordBuilder& out) {
  if (++elements_ > salvaged_elements_max) {
    if (elements_ == salvaged_elements_max + 1) add_unreadable(out);
    return;
  }
  bool wanted = true;
  if (!evaluator_.holds(element.when, wanted)) {
    certain = false;
  } else if (!wanted) {
    return;
  }
  if (!element.for_each.present()) {
    if (list.is_consents) return read_consent(element, certain, out);
    if (list.is_suppressions) return read_suppression(element, out);
    return read_contact(element, out);
  }
  std::span<const Value> items;
  if (!evaluator_.items(element.for_each, items)) {
    if (refuses(list)) add_unreadable(out);
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Evaluator::Outer outer = evaluator_.enter(items[i], static_cast<std::int64_t>(i));
    for (const ElementPlan& inner : element.inner) read_element(list, inner, certain, out);
    evaluator_.leave(outer);
  }
}

/// What cannot be read is taken at its widest: every purpose, every channel, every contact point,
/// and a time that is not older than anything.
void Salvage::read_consent(const ElementPlan& element, bool certain, RecordBuilder& out) {
  const std::size_t begin = out.cells().size();
  bool says_status = false, says_purpose = element.every_purpose;
  ++group_;
  for (const CellPlan& plan : element.cells) {
    if (!decides(plan.attribute)) continue;
    Cell cell;
    cell.attribute = plan.attribute;
    cell.group = group_;
    const bool is_read = produce_(plan.producer, cell);
    if (plan.attribute == attribute::consent_purpose) {
      says_purpose = says_purpose || !is_read || !cell.value.empty();
    }
    if (plan.attribute == attribute::consent_status) {
      if (!is_read) cell.value = unreadable_consent;
      if (!certain && !cell.value.empty() && cell.value != "granted") {
        cell.value = unreadable_consent;
      }
      says_status = !cell.value.empty();
    } else if (!is_read) {
      continue;
    }
    if (!cell.value.empty()) out.add(cell);
  }
  if (!says_status || !says_purpose) out.cells().resize(begin);
}

/// One of a contact point that the record does not have says nothing, as in a row that can be read.
void Salvage::read_suppression(const ElementPlan& element, RecordBuilder& out) {
  const std::size_t begin = out.cells().size();
  add_unreadable(out);
  for (const CellPlan& plan : element.cells) {
    const bool is_contact = plan.attribute == attribute::suppression_contact;
    const bool is_needed = is_contact || plan.attribute == attribute::suppression_kind;
    const AttributeId id = as_consent(plan.attribute);
    if (!is_needed && id == 0) continue;
    Cell cell;
    cell.attribute = plan.attribute;
    if (!produce_(plan.producer, cell)) continue;
    if (is_needed && cell.value.empty()) return out.cells().resize(begin);
    cell.attribute = id;
    cell.group = group_;
    if (id != 0 && !cell.value.empty()) out.add(cell);
  }
}

void Salvage::read_contact(const ElementPlan& element, RecordBuilder& out) {
  ++group_;
  for (const CellPlan& plan : element.cells) {
    if (plan.attribute != attribute::email_value && plan.attribute != attribute::phone_value) {
      continue;
    }
    Cell cell;
    cell.attribute = plan.attribute;
    cell.group = group_;
    if (produce_(plan.producer, cell) && !cell.value.empty()) out.add(cell);
  }
}

void Salvage::add_unreadable(RecordBuilder& out) {
  Cell cell;
  cell.attribute = attribute::consent_status;
  cell.group = ++group_;
  cell.value = unreadable_consent;
  out.add(cell);
}

RecordBuilder& Salvage::next_builder() {
  if (builders_.size() <= records_.size()) builders_.push_back(std::make_unique<RecordBuilder>());
  RecordBuilder& builder = *builders_[records_.size()];
  builder.clear();
  return builder;
}

}  // namespace rondom::map
