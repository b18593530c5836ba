#include "event.h"

#include <algorithm>

namespace rondom::tealium {
namespace {

/// Tealium's requirements of a Visitor ID.
constexpr std::size_t visitor_bytes_min = 6, visitor_bytes_max = 255;

/// Attributes are texts.
Result<Json> text_of(const std::string& name, const Json& value) {
  switch (value.type()) {
    case JsonType::null: return Json::of(std::string());
    case JsonType::text: return value;
    case JsonType::list:
    case JsonType::object:
      return Failure{Code::data,
                     "the field " + name + " is a list or an object: join it in the map"};
    default: return Json::of(value.to_text());
  }
}

std::string event_name(const JobOptions& options, const WriteRecord& record) {
  if (record.operation == Operation::upsert) return options.event;
  return record.action == "unsubscribe" ? options.withdraw_event : options.leave_event;
}

/// A visitor is a GUID for Tealium; the profile's id is one, and it never changes.
std::string guid_of(std::string_view key) {
  std::string guid(key);
  guid.erase(std::remove(guid.begin(), guid.end(), '-'), guid.end());
  return guid;
}

}  // namespace

std::string visitor_value(const JobOptions& options, const WriteRecord& record,
                          const Json& fields) {
  if (options.visitor_attribute.empty()) return std::string(record.key);
  if (const Json* field = fields.find(options.visitor_attribute)) {
    const Result<Json> text = text_of(options.visitor_attribute, *field);
    if (text.ok() && !text->as_text().empty()) return text->as_text();
  }
  return std::string(record.remote_id);
}

Result<Json> event_of(const JobOptions& options, const WriteRecord& record, const Json& fields) {
  Json event = Json::object();
  event.set("tealium_event", Json::of(event_name(options, record)));
  event.set("tealium_visitor_id", Json::of(guid_of(record.key)));
  event.set(std::string(profile_name), Json::of(std::string(record.key)));
  event.set(std::string(operation_name), Json::of(std::string(record.operation_id)));
  for (const auto& [name, value] : fields.members()) {
    if (name.starts_with("tealium_") || name.starts_with("rondom_")) {
      return Failure{Code::config,
                     "The map cannot set \"" + name + "\": such names are the connector's."};
    }
    Result<Json> text = text_of(name, value);
    if (!text.ok()) return text.error();
    event.set(name, std::move(*text));
  }
  if (options.visitor_attribute.empty()) return event;
  const std::string visitor = visitor_value(options, record, fields);
  // tealium_visitor_id says whom a no is about; it must not get lost for want of another name.
  if (visitor.empty() && record.operation == Operation::remove) return event;
  if (visitor.size() < visitor_bytes_min || visitor.size() > visitor_bytes_max) {
    return Failure{Code::data,
                   "its " + options.visitor_attribute +
                       (visitor.empty() ? " is empty, so Tealium cannot tell whose event it is"
                                        : " is not 6 to 255 characters long, as Tealium wants")};
  }
  // Of an update only what changed is given; the visitor has to be found all the same.
  event.set(options.visitor_attribute, Json::of(visitor));
  return event;
}

}  // namespace rondom::tealium
