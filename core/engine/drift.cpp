#include "engine/drift.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rondom::engine {
namespace {

using Json = nlohmann::json;

constexpr std::string_view type_words[] = {"unknown", "text",   "number", "boolean",
                                           "list",    "object", "mixed"};

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

FieldType both(FieldType a, FieldType b) {
  if (a == FieldType::unknown) return b;
  return b == FieldType::unknown || a == b ? a : FieldType::mixed;
}

bool is_certain(FieldType type) {
  return type != FieldType::unknown && type != FieldType::mixed;
}

std::string word(FieldType type) {
  return std::string(type_words[static_cast<std::size_t>(type)]);
}

/// Names of fields go into reports and logs. Where they are data, such as addresses, they are no names.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= drift_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x80 || std::isalnum(byte) != 0 ||
                  std::string_view(" _-.:$/#").find(c) != std::string_view::npos;
         });
}

}  // namespace

std::string to_json(const Shape& shape) {
  Json fields = Json::object();
  for (const auto& [name, type] : shape.fields) fields[name] = word(type);
  return Json{{"records", shape.records},
              {"alike", shape.alike},
              {"options", hex64(shape.options)},
              {"fields", std::move(fields)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Shape> shape_from(std::string_view json) {
  const Json read = Json::parse(json, nullptr, false);
  if (!read.is_object() || !read.contains("fields") || !read["fields"].is_object()) {
    return std::nullopt;
  }
  Shape shape;
  shape.records = read.value("records", std::int64_t{0});
  shape.alike = read.value("alike", false);
  const auto options = read.find("options");
  if (options != read.end() && options->is_string()) {
    shape.options = std::strtoull(options->get_ref<const std::string&>().c_str(), nullptr, 16);
  }
  for (const auto& [name, type] : read["fields"].items()) {
    if (!type.is_string()) return std::nullopt;
    const auto found =
        std::find(std::begin(type_words), std::end(type_words), type.get_ref<const std::string&>());
    if (found == std::end(type_words)) return std::nullopt;
    shape.fields[name] = static_cast<FieldType>(found - std::begin(type_words));
  }
  return shape;
}

void DriftWatch::look_at(std::string_view json) {
  if (saw_enough() || seen_.fields.size() > drift_fields_max) return;
  JsonReader reader;
  Arena arena;
  const auto record = reader.parse(json, arena);
  if (!record.ok() || !record->is_object()) return;
  std::size_t known = 0, names = 0;
  for (std::uint32_t i = 0; i < record->size(); ++i) {
    const std::string_view name = record->member(i).name;
    if (!is_name(name)) continue;
    ++names;
    const FieldType type = type_of(record->member(i).value);
    const auto found = seen_.fields.find(name);
    if (found == seen_.fields.end()) {
      seen_.fields.emplace(name, type);
    } else {
      ++known;
      found->second = both(found->second, type);
    }
  }
  // A name twice in one record makes no stream irregular that is not: it is only told less of.
  const bool same = known == names && names == seen_.fields.size();
  if (seen_.records > 0 && !same) seen_.alike = false;
  ++seen_.records;
}

bool DriftWatch::vanished_can_be_told() const {
  return before_->alike && before_->records >= vanished_records_min && seen_.alike &&
         seen_.records >= vanished_records_min;
}

Drift DriftWatch::drift() const {
  Drift drift;
  const bool watched = before_.has_value() && !before_->fields.empty() && seen_.records > 0 &&
                       seen_.fields.size() <= drift_fields_max;
  if (!watched) return drift;
  for (const auto& [name, type] : seen_.fields) {
    const auto found = before_->fields.find(name);
    if (found == before_->fields.end()) {
      drift.appeared.push_back(name);
    } else if (is_certain(type) && is_certain(found->second) && type != found->second) {
      drift.retyped.push_back(name + ": " + word(found->second) + " before, " + word(type) +
                              " now");
    }
  }
  if (!vanished_can_be_told()) return drift;
  for (const auto& [name, type] : before_->fields) {
    if (!seen_.fields.contains(name)) drift.vanished.push_back(name);
  }
  return drift;
}

Shape DriftWatch::shape() const {
  if (seen_.fields.size() > drift_fields_max) return {};
  if (!before_.has_value() || before_->fields.empty()) return seen_;
  Shape now = *before_;
  if (seen_.records == 0) return now;
  const bool told = vanished_can_be_told();
  if (told) {
    std::erase_if(now.fields,
                  [&](const auto& field) { return !seen_.fields.contains(field.first); });
  }
  for (const auto& [name, type] : seen_.fields) {
    const auto found = now.fields.find(name);
    if (found == now.fields.end()) {
      now.fields.emplace(name, type);
    } else if (is_certain(type) && is_certain(found->second)) {
      found->second = type;  // told as retyped when it differs
    } else {
      found->second = both(found->second, type);
    }
  }
  // Files of several years in one read make a stream irregular that is not: a whole read says so again.
  const bool has_all = seen_.fields.size() == now.fields.size();
  now.alike = seen_.alike && (now.alike || (has_all && seen_.records >= vanished_records_min));
  now.records = std::max(now.records, seen_.records);
  if (now.fields.size() > drift_fields_max) return {};
  return now;
}

std::vector<std::string> DriftWatch::names() const {
  std::vector<std::string> out;
  for (const auto& [name, type] : seen_.fields) out.push_back(name);
  return out;
}

}  // namespace rondom::engine
