#include "api.h"

#include <algorithm>

namespace rondom::hubspot {

Json inputs_of(const std::vector<std::string>& ids) {
  Json inputs = Json::list();
  for (const std::string& id : ids) inputs.push(Json::object().set("id", Json::of(id)));
  return inputs;
}

Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::list();
  for (const std::string& text : texts) list.push(Json::of(text));
  return list;
}

std::string property_of(const Json& object, std::string_view name) {
  const Json* properties = object.find("properties");
  return properties == nullptr ? std::string() : properties->text_or(name, "");
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<Json> Api::call(HttpRequest request) const {
  const Result<HttpReply> reply = context_->fetch(request.may_repeat());
  if (!reply.ok()) return reply.error();
  if (reply->status == 204 || reply->body.empty()) return Json::object();
  Result<Json> json = reply->json();
  // It may have been done all the same: nothing that was refused.
  if (!json.ok()) return Failure{Code::transient, json.error().message};
  return json;
}

Result<std::vector<Property>> Api::properties(std::string_view object) const {
  const Result<Json> reply = call(HttpRequest::get("/crm/v3/properties/" + std::string(object)));
  if (!reply.ok()) return reply.error();
  const Json* results = reply->find("results");
  if (results == nullptr) return Failure{Code::data, "HubSpot named no properties."};
  std::vector<Property> properties;
  for (const Json& one : results->items()) {
    const Json* rights = one.find("modificationMetadata");
    properties.push_back({one.text_or("name", ""), one.text_or("type", ""),
                          rights != nullptr && rights->boolean_or("readOnlyValue", false)});
  }
  return properties;
}

Result<std::vector<Json>> Api::batch_read(std::string_view object, std::string_view id_property,
                                          const std::vector<std::string>& ids,
                                          const std::vector<std::string>& properties) const {
  std::vector<Json> found;
  for (const Range part : batches_of(ids.size(), batch_max)) {
    Json body = Json::object();
    body.set("properties", list_of(properties));
    if (!id_property.empty()) body.set("idProperty", Json::of(std::string(id_property)));
    const auto at = ids.begin();
    body.set("inputs", inputs_of({at + static_cast<std::ptrdiff_t>(part.begin),
                                  at + static_cast<std::ptrdiff_t>(part.end)}));
    const std::string path = "/crm/v3/objects/" + std::string(object) + "/batch/read";
    const Result<Json> reply = call(HttpRequest::post(path).query("archived", false).json(body));
    if (!reply.ok()) return reply.error();
    const Json* results = reply->find("results");
    if (results == nullptr) return Failure{Code::data, "HubSpot's answer holds no results."};
    found.insert(found.end(), results->items().begin(), results->items().end());
  }
  return found;
}

}  // namespace rondom::hubspot
