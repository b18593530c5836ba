#include "engine/drift.h"

#include <algorithm>

#include "engine/shape_text.h"

namespace rondom::engine {
namespace {

// Between the names of a path: no name holds it.
constexpr char path_separator = '\x1f';

FieldType type_of(const Value& value) {
  switch (value.type()) {
    case ValueType::null: return FieldType::unknown;
    case ValueType::boolean: return FieldType::boolean;
    case ValueType::list: return FieldType::list;
    case ValueType::object: return FieldType::object;
    case ValueType::text: return FieldType::text;
    default: return FieldType::number;
  }
}

bool says_nothing(const Value& value) {
  return value.is_null() || (value.is_text() && value.as_text().empty());
}

FieldType both(FieldType a, FieldType b) {
  if (a == FieldType::unknown) return b;
  return b == FieldType::unknown || a == b ? a : FieldType::mixed;
}

bool is_certain(FieldType type) {
  return type != FieldType::unknown && type != FieldType::mixed;
}

/// Names of fields go into reports and logs. Where they are data, such as addresses, they are no
/// names.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= drift_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x80 || std::isalnum(byte) != 0 ||
                  std::string_view(" _-.:$/#").find(c) != std::string_view::npos;
         });
}

/// Where the object stands that a field belongs to.
std::string_view parent_of(std::string_view path) {
  const std::size_t end = path.rfind(path_separator);
  return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

bool is_below(std::string_view path, std::string_view place) {
  return path.size() > place.size() && path.starts_with(place) &&
         path[place.size()] == path_separator;
}

std::string dotted(std::string path) {
  std::replace(path.begin(), path.end(), path_separator, '.');
  return path;
}

/// What is no object any more has no fields.
void forget_inside(Shape& shape, const std::string& place) {
  std::erase_if(shape.fields, [&](const auto& field) { return is_below(field.first, place); });
  std::erase_if(shape.objects, [&](const auto& objects) {
    return objects.first == place || is_below(objects.first, place);
  });
}

std::size_t width_of(const Shape& shape, std::string_view place) {
  return static_cast<std::size_t>(
      std::count_if(shape.fields.begin(), shape.fields.end(),
                    [&](const auto& field) { return parent_of(field.first) == place; }));
}

}  // namespace

std::int64_t DriftWatch::records() const {
  const auto found = seen_.objects.find("");
  return found == seen_.objects.end() ? 0 : found->second.count;
}

void DriftWatch::look_at(std::string_view json) {
  if (saw_enough() || widths_[""] > drift_fields_max) return;
  JsonReader reader;
  Arena arena;
  const auto record = reader.parse(json, arena);
  if (record.ok() && record->is_object()) look_at(*record, "", 0);
}

void DriftWatch::look_at(const Value& object, const std::string& place, int depth) {
  std::size_t known = 0, names = 0;
  for (std::uint32_t i = 0; i < object.size(); ++i) {
    const auto& member = object.member(i);
    if (!is_name(member.name)) continue;
    ++names;
    std::string path = place;
    if (!place.empty()) path += path_separator;
    path += member.name;
    const FieldType type = type_of(member.value);
    seen_.says_empty = seen_.says_empty || says_nothing(member.value);
    const auto [field, is_new] = seen_.fields.emplace(path, type);
    if (is_new) {
      ++widths_[place];
      if (depth > 0) ++inner_fields_;
    } else {
      ++known;
      field->second = both(field->second, type);
    }
    if (looks_inside_ && type == FieldType::object && depth < drift_depth_max) {
      look_at(member.value, path, depth + 1);
    }
    if (inner_fields_ > drift_inner_fields_max) leave_inside();
    if (depth > 0 && !looks_inside_) return;
  }
  // A name twice in one object makes no stream irregular that is not: it is only told less of.
  const bool same = known == names && names == widths_[place];
  Shape::Objects& objects = seen_.objects[place];
  if (objects.count > 0 && !same) objects.alike = false;
  ++objects.count;
}

/// So many fields inside are data of some kind, no names.
void DriftWatch::leave_inside() {
  looks_inside_ = false;
  inner_fields_ = 0;
  std::erase_if(seen_.fields, [](const auto& field) { return !parent_of(field.first).empty(); });
  std::erase_if(seen_.objects, [](const auto& objects) { return !objects.first.empty(); });
}

void DriftWatch::saw_whole() {
  for (auto& [place, objects] : seen_.objects) objects.whole = objects.count;
}

bool DriftWatch::is_watched() const {
  const auto width = widths_.find("");
  return before_.has_value() && !before_->fields.empty() && saw_any() &&
         (width == widths_.end() || width->second <= drift_fields_max);
}

/// Few records are evidence when they are all that there are; very few when their source also says
/// what is empty, as a field that all of them lack could be one that none of them has filled.
bool DriftWatch::is_telling(const Shape::Objects& objects) const {
  if (!objects.alike) return false;
  const bool says_empty = seen_.says_empty || before_->says_empty;
  return objects.count >= vanished_records_min || objects.whole >= vanished_whole_min ||
         (objects.whole > 0 && says_empty);
}

bool DriftWatch::vanished_can_be_told(std::string_view place) const {
  const auto before = before_->objects.find(place), now = seen_.objects.find(place);
  return before != before_->objects.end() && now != seen_.objects.end() &&
         is_telling(before->second) && is_telling(now->second);
}

bool DriftWatch::may_tell_of_vanished() const {
  if (!is_watched()) return false;
  DriftWatch all = *this;
  all.saw_whole();
  return !all.drift().vanished.empty();
}

/// Inside of an object a new field is told only where fields were the same always: keys of a list
/// of things are data, and new ones come with each record.
void DriftWatch::add_appeared(Drift& drift) const {
  for (const auto& [path, type] : seen_.fields) {
    const auto found = before_->fields.find(path);
    const std::string_view place = parent_of(path);
    const bool is_regular = place.empty() || vanished_can_be_told(place);
    if (!is_regular) continue;
    if (found == before_->fields.end()) {
      drift.appeared.push_back(dotted(path));
    } else if (is_certain(type) && is_certain(found->second) && type != found->second) {
      drift.retyped.push_back(dotted(path) + ": " + word_of(found->second) + " before, " +
                              word_of(type) + " now");
    }
  }
}

Drift DriftWatch::drift() const {
  Drift drift;
  if (!is_watched()) return drift;
  add_appeared(drift);
  for (const auto& [path, type] : before_->fields) {
    if (!seen_.fields.contains(path) && vanished_can_be_told(parent_of(path))) {
      drift.vanished.push_back(dotted(path));
    }
  }
  return drift;
}

Shape DriftWatch::merged() const {
  Shape now = *before_;
  now.says_empty = now.says_empty || seen_.says_empty;
  for (const auto& [path, type] : before_->fields) {
    if (seen_.fields.contains(path) || !vanished_can_be_told(parent_of(path))) continue;
    now.fields.erase(path);
    forget_inside(now, path);
  }
  for (const auto& [path, type] : seen_.fields) {
    const auto found = now.fields.find(path);
    if (found == now.fields.end()) {
      now.fields.emplace(path, type);
    } else if (is_certain(type) && is_certain(found->second)) {
      // Told as retyped when it differs.
      if (type != found->second && found->second == FieldType::object) forget_inside(now, path);
      now.fields.find(path)->second = type;
    } else {
      found->second = both(found->second, type);
    }
  }
  for (const auto& [place, seen] : seen_.objects) {
    const auto [at, is_new] = now.objects.emplace(place, seen);
    if (is_new) continue;
    Shape::Objects& objects = at->second;
    // Files of several years in one read make a stream irregular that is not: a whole read says so
    // again.
    const bool has_all = width_of(seen_, place) == width_of(now, place);
    const bool is_enough = seen.count >= vanished_records_min || seen.whole >= vanished_whole_min;
    objects.alike = seen.alike && (objects.alike || (has_all && is_enough));
    objects.count = std::max(objects.count, seen.count);
    if (seen.whole > 0) objects.whole = seen.whole;
  }
  return now;
}

Shape DriftWatch::shape() const {
  const auto width = widths_.find("");
  if (width != widths_.end() && width->second > drift_fields_max) return {};
  if (!before_.has_value() || before_->fields.empty()) return seen_;
  if (!saw_any()) return *before_;
  Shape now = merged();
  if (width_of(now, "") > drift_fields_max) return {};
  if (now.fields.size() > drift_fields_max + drift_inner_fields_max || !looks_inside_) {
    for (const auto& [path, type] : Shape(now).fields) {
      if (parent_of(path).empty()) forget_inside(now, path);
    }
  }
  return now;
}

std::vector<std::string> DriftWatch::names() const {
  std::vector<std::string> out;
  for (const auto& [path, type] : seen_.fields) {
    if (parent_of(path).empty()) out.push_back(path);
  }
  return out;
}

}  // namespace rondom::engine
