// Catalog: what a source has to offer, built by discover(). Plain data, no thread rules.
//
//   Catalog catalog;
//   catalog.stream("contacts").key({"id"}).cursor("updated_at")
//       .field("id", FieldType::text).field("email", FieldType::text, "j••@example.com");
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json.hpp"

namespace rondom {
inline namespace sdk_v1 {

enum class FieldType : std::uint8_t { text, integer, decimal, boolean, date, time, object, list };

inline std::string_view to_text(FieldType type) {
  static constexpr std::string_view names[] = {"text", "integer", "decimal", "boolean",
                                               "date", "time",    "object",  "list"};
  return names[static_cast<std::size_t>(type)];
}

class CatalogStream {
 public:
  explicit CatalogStream(std::string name) : name_(std::move(name)) {}

  CatalogStream& key(std::vector<std::string> fields) {
    key_ = std::move(fields);
    return *this;
  }
  /// Field that orders versions of a record.
  CatalogStream& cursor(std::string field) {
    cursor_ = std::move(field);
    return *this;
  }
  /// The source delivers changes only: what is absent is not gone.
  CatalogStream& incremental_only() {
    full_refresh_ = false;
    return *this;
  }
  /// `example` must be masked when it may be personal.
  CatalogStream& field(std::string name, FieldType type, std::string example = {}) {
    fields_.push_back({std::move(name), type, std::move(example)});
    return *this;
  }
  /// JSON Schema of a record, when the system has one.
  CatalogStream& schema(std::string json) {
    schema_ = std::move(json);
    return *this;
  }

  void write(JsonWriter& out) const {
    out.begin_object().name("name").text(name_).name("key").begin_list();
    for (const std::string& part : key_) out.text(part);
    out.end_list().name("cursor").text(cursor_);
    out.name("full_refresh").boolean(full_refresh_).name("fields").begin_list();
    for (const Field& field : fields_) {
      out.begin_object().name("name").text(field.name).name("type").text(to_text(field.type));
      if (!field.example.empty()) out.name("example").text(field.example);
      out.end_object();
    }
    out.end_list();
    if (!schema_.empty()) out.name("schema").raw(schema_);
    out.end_object();
  }

 private:
  struct Field {
    std::string name;
    FieldType type;
    std::string example;
  };
  std::string name_;
  std::vector<std::string> key_;
  std::string cursor_;
  bool full_refresh_ = true;
  std::vector<Field> fields_;
  std::string schema_;
};

class Catalog {
 public:
  /// Adds a stream; the reference stays valid while the catalog lives and is not moved.
  CatalogStream& stream(std::string name) { return streams_.emplace_back(std::move(name)); }

  std::string to_json() const {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().name("streams").begin_list();
    for (const CatalogStream& stream : streams_) stream.write(writer);
    writer.end_list().end_object();
    return out;
  }

 private:
  std::deque<CatalogStream> streams_;
};

}  // namespace sdk_v1
}  // namespace rondom
