#include "profile_json.h"

#include <algorithm>

#include "email_state.h"

namespace rondom::klaviyo {
namespace {

constexpr std::string_view attributes[] = {"email",      "phone_number", "external_id",
                                           "first_name", "last_name",    "organization",
                                           "locale",     "title",        "image"};
constexpr std::string_view places[] = {"address1",  "address2", "city", "country",  "latitude",
                                       "longitude", "region",   "zip",  "timezone", "ip"};
constexpr std::string_view place_prefix = "location.";
constexpr std::string_view property_prefix = "properties.";

template <typename Names>
bool among(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Klaviyo's own members are texts, but for a place on the map.
Json text_of(const Json& value) {
  if (value.is_null() || value.is_text()) return value;
  return Json::of(value.to_text());
}

Failure unknown(const std::string& name) {
  std::string message = "Klaviyo's profiles have no \"" + name + "\"; there are";
  for (const std::string_view one : attributes) message += " " + std::string(one);
  message += ", location." + std::string(places[0]) + " …, and properties.<name> for your own.";
  return {Code::config, message};
}

void without_nulls(Json& object) {
  Json kept = Json::object();
  for (const Json::Member& member : object.members()) {
    if (!member.second.is_null()) kept.set(member.first, member.second);
  }
  object = std::move(kept);
}

}  // namespace

Result<ProfileFields> profile_fields(const Json& fields) {
  ProfileFields out;
  for (const auto& [name, value] : fields.members()) {
    out.clears = out.clears || value.is_null();
    if (among(attributes, name)) {
      out.attributes.set(name, text_of(value));
    } else if (name.starts_with(place_prefix) && among(places, name.substr(place_prefix.size()))) {
      const std::string place = name.substr(place_prefix.size());
      out.location.set(place, place == "latitude" || place == "longitude" ? value : text_of(value));
    } else if (name.starts_with(property_prefix) && name.size() > property_prefix.size()) {
      const std::string property = name.substr(property_prefix.size());
      if (property[0] == '$' || property == own_mark) {
        return Failure{Code::config, "The property \"" + property +
                                         "\" is not for a map: those that begin with $ are "
                                         "Klaviyo's own, consent among them."};
      }
      if (value.is_null()) {
        out.unset.push(Json::of(property));
      } else {
        out.properties.set(property, value);
      }
    } else {
      return unknown(name);
    }
  }
  return out;
}

void drop_clearing(ProfileFields& fields) {
  without_nulls(fields.attributes);
  without_nulls(fields.location);
  fields.unset = Json::list();
  fields.clears = false;
}

Json profile_of(const ProfileFields& fields, const std::string& id) {
  Json profile = Json::object();
  profile.set("type", Json::of(std::string("profile")));
  if (!id.empty()) profile.set("id", Json::of(id));
  Json all = fields.attributes;
  if (!fields.location.members().empty()) all.set("location", fields.location);
  if (!fields.properties.members().empty()) all.set("properties", fields.properties);
  profile.set("attributes", std::move(all));
  if (!fields.unset.items().empty()) {
    Json patch = Json::object().set("unset", fields.unset);
    profile.set("meta", Json::object().set("patch_properties", std::move(patch)));
  }
  return profile;
}

}  // namespace rondom::klaviyo
