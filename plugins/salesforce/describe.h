// What Salesforce says of an object: its fields, as the user of the connection may see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api.h"

namespace rondom::salesforce {

struct Field {
  std::string name;
  std::string type;         // Salesforce's own word: string, picklist, currency, datetime …
  std::int64_t length = 0;  // most characters of a text; 0 = no text
  bool createable = false;
  bool updateable = false;
  bool external_id = false;
  bool calculated = false;

  FieldType kind() const;
  /// Consists of other fields (addresses, locations), or is content that queries do not give.
  bool is_compound() const;
};

struct Object {
  std::string name;
  std::vector<Field> fields;
  bool queryable = false;
  std::int64_t asked_at = 0;  // seconds since 1970 by Salesforce's clock; 0 = not said

  const Field* find(std::string_view field) const;
  /// "Contact has no field X …; did you mean Y?"
  Status unknown(std::string_view field) const;
};

/// What is read of an object.
struct Selection {
  std::string object;
  std::vector<Field> fields;  // with Id, the cursor and IsDeleted where there are such
  std::string cursor;         // SystemModstamp, else LastModifiedDate, else none
  bool marks_deleted = false;
};

Result<Object> describe(Api& api, std::string_view object);
/// `wanted` empty: every field that is stored in the record itself. Formulas and what depends on
/// who looks change without the record's own time, so they are read only when they are named.
Result<Selection> choose(const Object& object, const std::vector<std::string>& wanted);

}  // namespace rondom::salesforce
