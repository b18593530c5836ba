#include "soql.h"

namespace rondom::salesforce {

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\'':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      default: out += c;
    }
  }
  return out + "'";
}

std::string select(const Selection& selection) {
  std::string out = "SELECT ";
  for (std::size_t i = 0; i < selection.fields.size(); ++i) {
    out += (i == 0 ? "" : ",") + selection.fields[i].name;
  }
  return out + " FROM " + selection.object;
}

std::string select_after(const Selection& selection, const Place& place, std::int64_t limit) {
  const std::string& cursor = selection.cursor;
  std::string out = select(selection);
  if (cursor.empty()) {
    if (!place.id.empty()) out += " WHERE Id > " + quoted(place.id);
    out += " ORDER BY Id";
  } else {
    if (!place.since.empty()) {
      // The first comparison alone bounds the index; the second one only says where in the moment.
      out += " WHERE " + cursor + " >= " + place.since;
      if (!place.id.empty()) {
        out += " AND (" + cursor + " > " + place.since + " OR Id > " + quoted(place.id) + ")";
      }
    }
    out += " ORDER BY " + cursor + ",Id";
  }
  return out + " LIMIT " + std::to_string(limit);
}

std::string select_where_in(std::string_view object, const std::vector<std::string>& fields,
                            std::string_view field, const std::vector<std::string>& values) {
  std::string out = "SELECT ";
  for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : ",") + fields[i];
  out += " FROM " + std::string(object) + " WHERE " + std::string(field) + " IN (";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : ",") + quoted(values[i]);
  return out + ")";
}

}  // namespace rondom::salesforce
