#include "engine/shape_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rondom::engine {
namespace {

using Json = nlohmann::json;

constexpr std::string_view type_words[] = {"unknown", "text",   "number", "boolean",
                                           "list",    "object", "mixed"};

Json objects_json(const Shape::Objects& objects) {
  return {{"records", objects.count}, {"whole", objects.whole}, {"alike", objects.alike}};
}

Shape::Objects objects_from(const Json& read) {
  Shape::Objects objects;
  objects.count = read.value("records", std::int64_t{0});
  objects.whole = read.value("whole", std::int64_t{0});
  objects.alike = read.value("alike", false);
  return objects;
}

bool read_fields(const Json& read, Shape& shape) {
  for (const auto& [path, type] : read.items()) {
    if (!type.is_string()) return false;
    const auto found =
        std::find(std::begin(type_words), std::end(type_words), type.get_ref<const std::string&>());
    if (found == std::end(type_words)) return false;
    shape.fields[path] = static_cast<FieldType>(found - std::begin(type_words));
  }
  return true;
}

}  // namespace

std::string word_of(FieldType type) {
  return std::string(type_words[static_cast<std::size_t>(type)]);
}

std::string to_json(const Shape& shape) {
  Json fields = Json::object(), inside = Json::object();
  for (const auto& [path, type] : shape.fields) fields[path] = word_of(type);
  Json text = objects_json({});
  for (const auto& [place, objects] : shape.objects) {
    if (place.empty()) {
      text = objects_json(objects);
    } else {
      inside[place] = objects_json(objects);
    }
  }
  text["options"] = hex64(shape.options);
  text["says_empty"] = shape.says_empty;
  text["fields"] = std::move(fields);
  text["inside"] = std::move(inside);
  return text.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Shape> shape_from(std::string_view json) {
  const Json read = Json::parse(json, nullptr, false);
  if (!read.is_object() || !read.contains("fields") || !read["fields"].is_object()) {
    return std::nullopt;
  }
  Shape shape;
  shape.objects[""] = objects_from(read);
  shape.says_empty = read.value("says_empty", false);
  const auto options = read.find("options");
  if (options != read.end() && options->is_string()) {
    shape.options = std::strtoull(options->get_ref<const std::string&>().c_str(), nullptr, 16);
  }
  if (!read_fields(read["fields"], shape)) return std::nullopt;
  const auto inside = read.find("inside");
  if (inside == read.end() || !inside->is_object()) return shape;
  for (const auto& [place, objects] : inside->items()) {
    if (objects.is_object()) shape.objects[place] = objects_from(objects);
  }
  return shape;
}

}  // namespace rondom::engine
