#include "pipeline/enrich/facts.h"

#include <algorithm>

#include "expression/evaluation.h"

namespace rondom::enrich {
namespace {

Timestamp instant(const Value& item, bool& comparable) {
  Value moment;
  Timestamp at = no_time;
  if (!expression::moment_of_item(item, moment)) return no_time;
  if (!expression::instant_of(moment, at)) comparable = false;
  return at;
}

/// Like Value::find(), looking first where it was the last time. No two members of an item have one
/// name.
const Value* member_of(const Value& item, std::string_view name, std::uint32_t& place) {
  if (place < item.size() && item.member(place).name == name) return &item.member(place).value;
  for (std::uint32_t i = 0; i < item.size(); ++i) {
    if (item.member(i).name != name) continue;
    place = i;
    return &item.member(i).value;
  }
  return nullptr;
}

}  // namespace

void Facts::Bitmap::start(std::size_t words) {
  true_for.assign(words, 0);
  failed_for.assign(words, 0);
  failed = false;
  known = true;
}

Facts::Facts(const PlanInside& plan)
    : plan_(plan),
      atoms_(plan.atoms.size()),
      switches_(plan.switches.size()),
      columns_(plan.columns.size()) {}

void Facts::begin(const Input& input, const Value& profile) {
  input_ = &input;
  profile_ = profile;
  std::fill(std::begin(read_), std::end(read_), false);
  for (Bitmap& bitmap : atoms_) bitmap.known = false;
  for (ColumnValues& column : columns_) column.known = false;
  std::fill(switches_.begin(), switches_.end(), std::uint8_t(0));
}

void Facts::read(Scan scan, Value list) {
  Items& items = items_[std::size_t(scan)];
  items.values.clear();
  items.instants.clear();
  items.comparable = true;
  const std::uint32_t count = list.is_list() ? list.size() : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    items.values.push_back(list.item(i));
    items.instants.push_back(instant(list.item(i), items.comparable));
  }
  items.words = words_for(items.values.size());
}

void Facts::read_lines() {
  const Items& orders = items(Scan::orders);
  Items& lines = items_[std::size_t(Scan::lines)];
  lines.values.clear();
  lines.orders.clear();
  lines.instants.clear();
  lines.comparable = true;
  lines_are_lists_ = true;
  for (std::uint32_t i = 0; i < orders.values.size(); ++i) {
    const Value& order = orders.values[i];
    const Value* list = order.is_object() ? order.find("lines") : nullptr;
    if (list == nullptr || list->is_null()) continue;
    lines_are_lists_ = lines_are_lists_ && list->is_list();
    for (std::uint32_t k = 0; list->is_list() && k < list->size(); ++k) {
      lines.values.push_back(list->item(k));
      lines.orders.push_back(i);
      lines.instants.push_back(instant(list->item(k), lines.comparable));
    }
  }
  lines.words = words_for(lines.values.size());
}

const Items& Facts::items(Scan scan) {
  bool& done = read_[std::size_t(scan)];
  if (!done) {
    done = true;
    if (scan == Scan::lines) {
      read_lines();
    } else {
      read(scan, input_->lists[list_of(scan)]);
    }
  }
  return items_[std::size_t(scan)];
}

bool Facts::lines_are_lists() {
  items(Scan::lines);
  return lines_are_lists_;
}

bool Facts::evaluate(const Part& part, const Value& item, Value& out, std::uint32_t& place) {
  if (!part.field.empty()) {
    if (item.is_list()) return false;  // a list has no fields
    const Value* member = item.is_object() ? member_of(item, part.field, place) : nullptr;
    out = member == nullptr ? Value() : *member;
    return true;
  }
  expression::Scope scope;
  scope.current = scope.root = profile_;
  scope.as_of = input_->as_of;
  scope.country = input_->country;
  scope.time_zone = plan_.time_zone;
  scope.arena = input_->arena;
  scope.cleaners = input_->cleaners;
  expression::Evaluation evaluation(*part.ast, scope);
  return evaluation.run(part.node, {item, profile_, -1}, out);
}

bool Facts::column(std::uint32_t id, std::uint32_t item, Value& out) {
  const Column& of = plan_.columns[id];
  ColumnValues& column = columns_[id];
  const Items& all = items(of.scan);
  if (!column.known) {
    column.values.resize(all.values.size());
    column.state.assign(all.values.size(), 0);
    column.known = true;
  }
  if (column.state[item] == 0) {
    const bool computed = evaluate(of.part, all.values[item], column.values[item], column.place);
    column.state[item] = computed ? 1 : 2;
  }
  out = column.values[item];
  return column.state[item] == 1;
}

/// One atom of one item, by its own words.
void Facts::ask(std::uint32_t atom, std::uint32_t item) {
  Bitmap& bits = atoms_[atom];
  Value holds;
  std::uint32_t place = 0;
  const bool computed =
      evaluate(plan_.atoms[atom].part, items(plan_.atoms[atom].scan).values[item], holds, place);
  const bool is_boolean = holds.is_null() || holds.type() == ValueType::boolean;
  if (!computed || !is_boolean) {
    set_bit(bits.failed_for, item);
    bits.failed = true;
  } else if (!holds.is_null() && holds.as_boolean()) {
    set_bit(bits.true_for, item);
  }
}

void Facts::fill_switch(std::uint32_t id) {
  const Switch& one = plan_.switches[id];
  const Items& all = items(plan_.columns[one.column].scan);
  for (const std::uint32_t atom : one.atoms) atoms_[atom].start(all.words);
  switches_[id] = 1;
  for (std::uint32_t item = 0; item < all.values.size(); ++item) {
    Value value;
    if (!column(one.column, item, value)) {
      for (const std::uint32_t atom : one.atoms) {
        set_bit(atoms_[atom].failed_for, item);
        atoms_[atom].failed = true;
      }
    } else if (value.is_text()) {
      const auto found = one.texts.find(value.as_text());
      if (found == one.texts.end()) continue;
      for (const std::uint32_t atom : found->second) set_bit(atoms_[atom].true_for, item);
    } else if (value.type() == ValueType::integer) {
      const auto found = one.integers.find(value.as_integer());
      if (found == one.integers.end()) continue;
      for (const std::uint32_t atom : found->second) set_bit(atoms_[atom].true_for, item);
    } else if (!value.is_null()) {
      for (const std::uint32_t atom : one.atoms) ask(atom, item);
    }
  }
}

void Facts::fill(std::uint32_t atom) {
  const Atom& one = plan_.atoms[atom];
  if (one.by_switch != none) return fill_switch(one.by_switch);
  const Items& all = items(one.scan);
  atoms_[atom].start(all.words);
  for (std::uint32_t item = 0; item < all.values.size(); ++item) ask(atom, item);
}

Facts::AtomBits Facts::atom(std::uint32_t id) {
  Bitmap& bits = atoms_[id];
  if (!bits.known) fill(id);
  return {bits.true_for.data(), bits.failed ? bits.failed_for.data() : nullptr};
}

}  // namespace rondom::enrich
