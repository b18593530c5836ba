#include "describe.h"

#include <algorithm>

#include "values.h"

namespace rondom::salesforce {
namespace {

constexpr std::string_view modified = "SystemModstamp", modified_else = "LastModifiedDate";

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = before + (a[i - 1] == b[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

Field read_field(const Json& json) {
  Field field;
  field.name = json.text_or("name", "");
  field.type = json.text_or("type", "");
  field.length = json.integer_or("length", 0);
  field.createable = json.boolean_or("createable", false);
  field.updateable = json.boolean_or("updateable", false);
  field.external_id = json.boolean_or("externalId", false);
  field.calculated = json.boolean_or("calculated", false);
  return field;
}

/// Stored in the record, and changed with it.
bool is_own(const Field& field) {
  return !field.is_compound() && !field.calculated &&
         !is_any(field.name, {"LastViewedDate", "LastReferencedDate", "LastActivityDate"});
}

}  // namespace

FieldType Field::kind() const {
  if (type == "boolean") return FieldType::boolean;
  if (is_any(type, {"int", "long"})) return FieldType::integer;
  if (is_any(type, {"double", "currency", "percent"})) return FieldType::decimal;
  if (type == "date") return FieldType::date;
  return type == "datetime" ? FieldType::time : FieldType::text;
}

bool Field::is_compound() const {
  return is_any(type, {"address", "location", "base64", "complexvalue"});
}

const Field* Object::find(std::string_view field) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& one) { return one.name == field; });
  return found == fields.end() ? nullptr : &*found;
}

Status Object::unknown(std::string_view field) const {
  std::string message = name + " has no field \"" + std::string(field) +
                        "\" that this user may see: it does not exist, or field-level security "
                        "hides it";
  const auto near =
      std::min_element(fields.begin(), fields.end(), [&](const auto& a, const auto& b) {
        return distance(field, a.name) < distance(field, b.name);
      });
  if (near != fields.end() && distance(field, near->name) <= 2) {
    return {Code::config, message + "; did you mean \"" + near->name + "\"?"};
  }
  return {Code::config, message + "."};
}

Result<Object> describe(Api& api, std::string_view object) {
  if (!is_name(object)) {
    return Failure{Code::config,
                   "\"" + std::string(object) + "\" is no name of a Salesforce object."};
  }
  const Result<HttpReply> reply =
      api.fetch_whole(HttpRequest::get(api.path("/sobjects/" + std::string(object) + "/describe")));
  if (!reply.ok() && reply.error().message.find("NOT_FOUND") != std::string::npos) {
    return Failure{Code::config, "Salesforce shows this user no object \"" + std::string(object) +
                                     "\": it does not exist, or the user has no right to read it."};
  }
  if (!reply.ok()) return reply.error();
  const Result<Json> json = reply->json();
  if (!json.ok()) return json.error();
  Object described;
  described.name = json->text_or("name", object);
  described.queryable = json->boolean_or("queryable", false);
  described.asked_at = seconds_of_http_date(reply->header("Date")).value_or(0);
  if (const Json* fields = json->find("fields")) {
    for (const Json& field : fields->items()) described.fields.push_back(read_field(field));
  }
  if (described.find("Id") == nullptr) {
    return Failure{Code::data, "Salesforce described " + described.name + " without an Id."};
  }
  return described;
}

Result<Selection> choose(const Object& object, const std::vector<std::string>& wanted) {
  if (!object.queryable) {
    return Failure{Code::config, object.name + " cannot be queried by this user."};
  }
  Selection selection;
  selection.object = object.name;
  const auto has = [&selection](std::string_view name) {
    return std::any_of(selection.fields.begin(), selection.fields.end(),
                       [&](const Field& field) { return field.name == name; });
  };
  const auto need = [&](std::string_view name) {
    const Field* field = object.find(name);
    if (field != nullptr && !has(name)) selection.fields.push_back(*field);
    return field != nullptr;
  };
  need("Id");
  for (const std::string_view name : {modified, modified_else}) {
    if (selection.cursor.empty() && need(name)) selection.cursor = name;
  }
  selection.marks_deleted = need("IsDeleted");
  for (const std::string& name : wanted) {
    const Field* field = object.find(name);
    if (field == nullptr) return object.unknown(name).error();
    if (field->is_compound()) {
      return Failure{Code::config, object.name + "." + name +
                                       " consists of other fields, or is content: name those "
                                       "fields, such as MailingCity."};
    }
    need(name);
  }
  for (const Field& field : object.fields) {
    if (wanted.empty() && is_own(field)) need(field.name);
  }
  return selection;
}

}  // namespace rondom::salesforce
