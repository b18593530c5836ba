#include "records.h"

#include "values.h"

namespace rondom::salesforce {
namespace {

constexpr std::int64_t microseconds = 1'000'000;

std::string text_of(const Json& value) {
  switch (value.type()) {
    case JsonType::boolean: return value.as_boolean() ? "true" : "false";
    case JsonType::integer: return std::to_string(value.as_integer());
    case JsonType::list:
    case JsonType::object: return value.to_text();
    default: return value.as_text();
  }
}

void put(RowBuilder& row, const Field& field, const std::string& text) {
  switch (field.kind()) {
    case FieldType::boolean:
      if (text == "true" || text == "false") {
        row.boolean(field.name, text == "true");
        return;
      }
      break;
    case FieldType::integer:
    case FieldType::decimal:
      if (const auto number = plain_number(text)) {
        row.decimal(field.name, *number);
        return;
      }
      break;
    case FieldType::time: row.text(field.name, plain_time(text).value_or(text)); return;
    default: break;
  }
  row.text(field.name, text);
}

/// `value(i)` is the text of field i, empty when it has none.
template <typename Value>
Status write(const Selection& selection, RecordWriter& out, Value value) {
  bool deleted = false, has_id = false;
  for (std::size_t i = 0; i < selection.fields.size(); ++i) {
    const std::string& name = selection.fields[i].name;
    deleted = deleted || (name == "IsDeleted" && value(i) == "true");
    has_id = has_id || (name == "Id" && !value(i).empty());
  }
  if (!has_id) return out.unreadable("Salesforce gave a record without an Id.", "");
  RowBuilder& row = out.row();
  for (std::size_t i = 0; i < selection.fields.size(); ++i) {
    const Field& field = selection.fields[i];
    // Of a deleted record its key and time are enough, and what else it held is not ours any more.
    const bool kept =
        deleted ? field.name == "Id" || field.name == selection.cursor : field.name != "IsDeleted";
    if (!kept) continue;
    if (const std::string& text = value(i); !text.empty()) put(row, field, text);
  }
  if (deleted) row.operation(Operation::remove);
  for (std::size_t i = 0; i < selection.fields.size(); ++i) {
    if (selection.fields[i].name != selection.cursor) continue;
    // A job without a preset may say no cursor.
    if (const auto seconds = seconds_of(plain_time(value(i)).value_or(""))) {
      row.changed_at(*seconds * microseconds);
    }
  }
  return row.done();
}

}  // namespace

Status write_record(const Selection& selection, const Json& record, RecordWriter& out) {
  return write(selection, out, [&](std::size_t i) {
    const Json* found = record.find(selection.fields[i].name);
    return found == nullptr || found->is_null() ? std::string() : text_of(*found);
  });
}

Status write_record(const Selection& selection, const std::vector<std::string>& cells,
                    RecordWriter& out) {
  return write(selection, out, [&](std::size_t i) -> const std::string& { return cells[i]; });
}

Place place_of(const Selection& selection, const Json& record) {
  Place place;
  place.id = record.text_or("Id", "");
  if (!selection.cursor.empty()) {
    const std::string time = record.text_or(selection.cursor, "");
    place.since = plain_time(time).value_or(time);
  }
  return place;
}

}  // namespace rondom::salesforce
