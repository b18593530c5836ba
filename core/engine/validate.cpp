#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/attributes.h"
#include "engine/engine.h"
#include "engine/identity.h"
#include "engine/plans.h"
#include "engine/trust.h"
#include "engine/views.h"
#include "net/net.h"
#include "pipeline/activate/activate.h"
#include "pipeline/merge/merge.h"
#include "pipeline/normalize/time_zone.h"
#include "pipeline/segment/segment.h"

namespace rondom::engine {

namespace {

using Json = nlohmann::json;

bool fits(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return true;
}

// How requests are signed and where they go. An address that is a secret is read when it is known.
void check_http(const config::Connection& connection, const Json& schema, const Json& config,
                config::Diagnostics& diagnostics) {
  const std::string field = schema.value("x-http", Json::object()).value("base_url_field", "");
  const auto address = config.find(field);
  if (address != config.end() && address->is_string() &&
      address->get<std::string>().find("${secret:") != std::string::npos) {
    return;
  }
  const auto declared = net::read_declaration(schema.dump(), connection.config_json);
  if (declared.ok()) return;
  diagnostics.error(connection.at,
                    "connection " + connection.name + ": " + declared.error().message);
}

/// One of the texts that a schema has for it, where it has some.
void check_choice(const config::Location& at, const std::string& what, const Json& value,
                  const Json& property, config::Diagnostics& diagnostics) {
  const auto choices = property.find("enum");
  if (choices == property.end() ||
      std::find(choices->begin(), choices->end(), value) != choices->end()) {
    return;
  }
  std::vector<std::string> words;
  std::string listed;
  for (const Json& choice : *choices) {
    if (!choice.is_string()) continue;
    words.push_back(choice.get<std::string>());
    listed += (listed.empty() ? "" : ", ") + words.back();
  }
  const auto near =
      value.is_string() ? did_you_mean(value.get<std::string>(), words) : std::nullopt;
  diagnostics.error(at, what + " must be one of " + listed,
                    near ? "did you mean " + *near + "?" : "");
}

// The connector's own JSON Schema decides; its constructor checks again with what only it knows.
void check_connection(const config::Connection& connection, const plugin::ConnectorInfo& info,
                      config::Diagnostics& diagnostics) {
  const std::size_t problems_before = diagnostics.size();
  const Json schema = Json::parse(info.spec_json, nullptr, false);
  const Json config = Json::parse(connection.config_json, nullptr, false);
  if (schema.is_discarded() || !schema.contains("properties") || !config.is_object()) return;
  const Json& properties = schema["properties"];
  std::vector<std::string> known;
  for (const auto& [name, property] : properties.items()) known.push_back(name);
  for (const auto& [name, value] : config.items()) {
    const auto property = properties.find(name);
    if (property == properties.end()) {
      const auto near = did_you_mean(name, known);
      diagnostics.error(
          connection.at,
          "connection " + connection.name + ": connector " + info.id + " has no option \"" + name +
              "\"",
          near ? "did you mean " + *near + "?" : "see rondom connectors show " + info.id);
      continue;
    }
    const std::string type = property->value("type", "");
    const bool secret_reference =
        value.is_string() && value.get<std::string>().find("${secret:") != std::string::npos;
    if (property->value("x-secret", false) && !secret_reference) {
      config::Location file_alone;  // the line would be shown, with the secret in it
      file_alone.file = connection.at.file;
      diagnostics.warning(
          file_alone,
          "connection " + connection.name + ": " + name + " is a secret and is written out here",
          "keep it in secrets/" + name + " and write \"${secret:" + name + "}\"");
    }
    if (secret_reference) continue;
    if (!fits(value, type)) {
      diagnostics.error(connection.at, "connection " + connection.name + ": option \"" + name +
                                           "\" is no " + type);
      continue;
    }
    check_choice(connection.at, "connection " + connection.name + ": option " + name, value,
                 *property, diagnostics);
  }
  for (const Json& required : schema.value("required", Json::array())) {
    if (required.is_string() && !config.contains(required.get<std::string>())) {
      diagnostics.error(connection.at, "connection " + connection.name + ": option \"" +
                                           required.get<std::string>() + "\" is missing");
    }
  }
  if (diagnostics.size() == problems_before) check_http(connection, schema, config, diagnostics);
}

/// What a job says to its connector, where the connector declares what it takes.
void check_options(const config::Node& options, const std::string& options_json,
                   const config::Location& at, const plugin::ConnectorInfo& info,
                   config::Diagnostics& diagnostics) {
  const Json whole = Json::parse(info.spec_json, nullptr, false);
  const Json given = Json::parse(options_json, nullptr, false);
  if (!whole.is_object() || !whole.contains("x-options") || !given.is_object()) return;
  const Json& schema = whole["x-options"];
  const Json properties = schema.value("properties", Json::object());
  std::vector<std::string> known;
  for (const auto& [name, property] : properties.items()) known.push_back(name);
  for (const auto& [name, written] : options.members) {
    const auto property = properties.find(name.text);
    if (property == properties.end()) {
      const auto near = did_you_mean(name.text, known);
      diagnostics.error(
          name.at, "connector " + info.id + " has no option " + excerpt(name.text, 80),
          near ? "did you mean " + *near + "?" : "see rondom connectors show " + info.id);
      continue;
    }
    const std::string type = property->value("type", "");
    const auto value = given.find(name.text);
    if (value == given.end()) continue;
    if (!fits(*value, type)) {
      diagnostics.error(written.at, "option " + name.text + " is no " + type);
      continue;
    }
    check_choice(written.at, "option " + name.text, *value, *property, diagnostics);
  }
  for (const Json& required : schema.value("required", Json::array())) {
    if (required.is_string() && !given.contains(required.get<std::string>())) {
      diagnostics.error(
          at, "connector " + info.id + " needs the option " + required.get<std::string>());
    }
  }
}

/// An action that a connector does not declare would be refused person by person, in each run.
void check_actions(const config::Job& job, const plugin::ConnectorInfo& info,
                   config::Diagnostics& diagnostics) {
  const Json schema = Json::parse(info.spec_json, nullptr, false);
  if (!schema.is_object() || !schema.contains("x-facts") || !schema["x-facts"].is_object()) return;
  const Json actions = schema["x-facts"].value("actions", Json());
  if (!actions.is_array() || actions.empty()) return;
  const auto declared = [&](std::string_view name) {
    return std::any_of(actions.begin(), actions.end(), [&](const Json& action) {
      return action.is_object() && action.contains("name") && action["name"] == name;
    });
  };
  const auto require = [&](const char* key, std::string_view action) {
    if (declared(action)) return;
    diagnostics.error(
        job.at,
        std::string(key) + ": " + std::string(action) + " is nothing that " + info.id + " does",
        "see rondom connectors show " + info.id);
  };
  const config::DestinationJob& destination = *job.destination;
  if (destination.on_leave == config::OnLeave::leave_segment) require("on_leave", "leave_segment");
  if (destination.on_leave == config::OnLeave::remove) require("on_leave", "delete");
  const bool removes = destination.on_withdrawal == config::OnWithdrawal::remove;
  require("on_withdrawal", removes ? "delete" : "unsubscribe");
}

void check_options(const config::Job& job, const plugin::ConnectorInfo& info,
                   config::Diagnostics& diagnostics) {
  if (job.destination.has_value()) {
    check_actions(job, info, diagnostics);
    check_options(job.destination->options, job.destination->options_json, job.at, info,
                  diagnostics);
    return;
  }
  for (const config::SourceStream& stream : job.source->streams) {
    check_options(stream.options, stream.options_json, stream.at, info, diagnostics);
  }
}

void check_connectors(const config::Project& project, const plugin::Inventory& inventory,
                      config::Diagnostics& diagnostics) {
  std::vector<std::string> known;
  normalize::TimeZones zones;
  for (const plugin::ConnectorInfo& info : inventory.connectors) known.push_back(info.id);
  for (const config::Connection& connection : project.connections) {
    const plugin::ConnectorInfo* info = inventory.find(connection.connector, plugin::Kind::source);
    if (info == nullptr) info = inventory.find(connection.connector, plugin::Kind::destination);
    if (info == nullptr) {
      const auto near = did_you_mean(connection.connector, known);
      diagnostics.error(connection.at,
                        "no plugin offers a connector \"" + connection.connector + "\"",
                        near ? "did you mean " + *near + "?" : "see rondom connectors list");
      continue;
    }
    check_connection(connection, *info, diagnostics);
    Timestamp ignored = no_time;
    if (!zones.to_utc(connection.defaults.time_zone, 0, ignored)) {
      diagnostics.error(connection.at,
                        "connection " + connection.name + ": there is no time zone " +
                            connection.defaults.time_zone,
                        "zones are named as in Europe/Amsterdam (IANA)");
    }
  }
}

/// An identifier that identity.yaml does not know joins nobody, which is seen much later. One that
/// is nearly called like a known one is hardly meant.
void check_namespaces(const config::Project& project, const std::vector<StreamPlan>& plans,
                      config::Diagnostics& diagnostics) {
  std::vector<std::string> declared;
  for (const config::IdentifierRule& rule : project.identity.identifiers) {
    declared.push_back(rule.name_space);
  }
  for (const StreamPlan& one : plans) {
    if (one.plan == nullptr) continue;
    for (const std::string& name : map::namespaces_of(*one.plan)) {
      if (std::find(declared.begin(), declared.end(), name) != declared.end()) continue;
      if (const auto near = did_you_mean(name, declared)) {
        diagnostics.error(one.stream->at,
                          "stream " + one.stream->stream + " fills the identifier " + name +
                              ", which identity.yaml does not declare",
                          "did you mean " + *near + "?");
        continue;
      }
      const std::vector<std::string> kept = map::identifiers_of(*one.plan);
      if (std::find(kept.begin(), kept.end(), name) == kept.end()) continue;
      diagnostics.warning(
          one.stream->at,
          "identifier." + name + " is not in identity.yaml: it is kept and joins nobody",
          "if it tells who is who, identifiers of identity.yaml need { namespace: " + name +
              ", class: strong }");
    }
  }
}

void check_jobs(const config::Project& project, const plugin::Inventory& inventory,
                config::Diagnostics& diagnostics) {
  for (const config::Job& job : project.jobs) {
    const config::Connection* connection = project.connection(job.connection);
    const plugin::Kind kind =
        job.source.has_value() ? plugin::Kind::source : plugin::Kind::destination;
    if (connection != nullptr && inventory.find(connection->connector, kind) == nullptr &&
        (inventory.find(connection->connector, plugin::Kind::source) != nullptr ||
         inventory.find(connection->connector, plugin::Kind::destination) != nullptr)) {
      diagnostics.error(
          job.at, "connector " + connection->connector +
                      (job.source.has_value() ? " cannot be read from" : " cannot be written to"));
    }
    const plugin::ConnectorInfo* info =
        connection == nullptr ? nullptr : inventory.find(connection->connector, kind);
    if (info != nullptr) check_options(job, *info, diagnostics);
    if (job.source.has_value()) {
      check_namespaces(project, compile_job(project, job, inventory, diagnostics), diagnostics);
    } else if (job.destination.has_value()) {
      const Entity entity = entity_from(job.destination->entity).value_or(Entity::person);
      if (const config::Audience* audience = project.audience(job.destination->audience);
          audience != nullptr) {
        (void)segment::Audience(*audience, entity, project, diagnostics);
      }
      activate::check(project, job, segment::profile_fields(entity), diagnostics);
      check_purposes(project, job, diagnostics);
    }
  }
}

void check_models(const config::Project& project, config::Diagnostics& diagnostics) {
  const auto& likeness = project.identity.probabilistic;
  if (!likeness.has_value()) return;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    const auto model = IdentityRecords::load_model(project, entity, "");
    if (!model.ok()) diagnostics.error(likeness->at, model.error().message);
  }
}

}  // namespace

void validate(const config::Project& project, const plugin::Inventory& inventory,
              config::Diagnostics& diagnostics) {
  check_trust(project, inventory, diagnostics);
  check_connectors(project, inventory, diagnostics);
  check_attributes(project, diagnostics);
  check_views(project, diagnostics);
  check_models(project, diagnostics);
  check_jobs(project, inventory, diagnostics);
  (void)merge::Rules(project, diagnostics);
  // An audience that no job uses is still compiled: a typing slip there is found today, not later.
  std::set<std::string> used;
  for (const config::Job& job : project.jobs) {
    if (job.destination.has_value()) used.insert(job.destination->audience);
  }
  for (const config::Audience& audience : project.audiences) {
    if (used.count(audience.name) == 0) {
      (void)segment::Audience(audience, Entity::person, project, diagnostics);
    }
  }
}

}  // namespace rondom::engine
