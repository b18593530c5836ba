// The table of routes as programs read it (OpenAPI 3.1) and as people do (docs/reference/api.md).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/http_message.h"
#include "service/api_routes.h"

namespace rondom::service {
namespace {

using nlohmann::ordered_json;

struct Field {
  const char* name;
  const char* type;  // of JSON, or time; "?" behind it: or null
};
struct Schema {
  const char* name;
  const char* what;
  std::vector<Field> fields;
  bool closed = false;  // what we take; what we give may get more keys
};

const std::vector<Schema>& schemas() {
  static const std::vector<Schema> all{
      {"Problem",
       "RFC 9457. Holds no data of people.",
       {{"type", "string"}, {"title", "string"}, {"status", "integer"}, {"detail", "string"}}},
      {"Service",
       "The service and the configuration in force.",
       {{"project", "string"},
        {"environment", "string"},
        {"version", "string"},
        {"started_at", "time"},
        {"stopping", "boolean"},
        {"configuration", "string"},
        {"configuration_since", "time"},
        {"last_reload_ok", "boolean"},
        {"last_reload_error", "string"},
        {"reloads", "integer"},
        {"failed_reloads", "integer"},
        {"notices_sent", "integer"},
        {"notices_failed", "integer"},
        {"store_up", "boolean?"},
        {"store_age_seconds", "integer?"}}},
      {"Job",
       "One job. `state` is idle, running, waiting or paused; `last_status` done, partial, "
       "guarded, failed, "
       "cancelled, timed_out, crashed, or empty before the first run. `progress`, while it runs: "
       "`phase`, `done`, `total` (0: unknown), `created`, `quarantined`, `seconds`, "
       "`memory_bytes`.",
       {{"job", "string"},
        {"schedule", "string"},
        {"state", "string"},
        {"next_at", "time?"},
        {"started_at", "time?"},
        {"last_finished_at", "time?"},
        {"last_success_at", "time?"},
        {"last_status", "string"},
        {"last_exit", "integer"},
        {"last_error", "string"},
        {"runs", "integer"},
        {"failures", "integer"},
        {"missed", "integer"},
        {"last_seconds", "number"},
        {"progress", "object?"}}},
      {"Events",
       "What the service wrote to its log (docs/reference/events.md). `events`: objects of "
       "`number`, "
       "`time`, `level`, `event` and `fields`; `missed`: how many after the one that was seen are "
       "no "
       "longer kept; `last`: what to give as `after` next time.",
       {{"events", "array"}, {"missed", "integer"}, {"last", "integer"}}},
      {"Totals",
       "As `rondom status` tells it.",
       {{"records", "integer"},
        {"live_records", "integer"},
        {"profiles", "integer"},
        {"quarantined", "integer"},
        {"dead_letters", "integer"},
        {"to_unify", "integer"},
        {"waiting", "integer"},
        {"to_review", "integer"},
        {"streams", "array"},
        {"last_run", "object?"}}},
      {"Run",
       "As `rondom runs` tells it; one that still runs has no more than these.",
       {{"started_at", "time"}, {"run", "string"}, {"status", "string"}}},
      {"Profile", "As `rondom profile` tells it.", {{"profile", "string"}, {"content", "object"}}},
      {"Explanation",
       "As `rondom profile explain` tells it.",
       {{"profile", "string"}, {"title", "string"}, {"values", "array"}, {"permissions", "array"}}},
      {"Reason",
       "Refused records of one reason.",
       {{"stream", "string"}, {"reason", "string"}, {"records", "integer"}}},
      {"Object", "As the verb tells it (docs/reference/json.md).", {}},
      {"Trigger",
       "May be left out. `accept`: guards that the run goes on past, as `run --accept` takes them.",
       {{"accept", "array"}},
       true},
      {"Command",
       "A verb and its options, without -C and --env; `directory`: where relative names of files "
       "begin.",
       {{"arguments", "array"}, {"directory", "string"}},
       true},
  };
  return all;
}

ordered_json type_of(std::string_view type) {
  ordered_json out;
  const bool may_be_null = type.ends_with('?');
  if (may_be_null) type.remove_suffix(1);
  const std::string word = type == "time" ? "string" : std::string(type);
  out["type"] = may_be_null ? ordered_json{word, "null"} : ordered_json(word);
  if (type == "time") out["format"] = "date-time";
  return out;
}

ordered_json schema_json(const Schema& schema) {
  ordered_json out{{"type", "object"}, {"description", schema.what}};
  for (const Field& field : schema.fields) {
    ordered_json type = type_of(field.type);
    if (schema.closed && std::string_view(field.type) == "array") type["items"] = type_of("string");
    out["properties"][field.name] = std::move(type);
    // Of what is taken, only a command cannot be empty.
    if (!schema.closed || std::string_view(field.name) == "arguments") {
      out["required"].push_back(field.name);
    }
  }
  if (schema.closed) out["additionalProperties"] = false;
  return out;
}

ordered_json reference_to(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

ordered_json answer_json(std::string_view answer) {
  if (answer.starts_with('[')) {
    const ordered_json items = reference_to(answer.substr(1, answer.size() - 2));
    return {{"application/json", {{"schema", {{"type", "array"}, {"items", items}}}}}};
  }
  if (answer.find('/') != std::string_view::npos) {
    return {{std::string(answer), {{"schema", type_of("string")}}}};
  }
  return {{"application/json", {{"schema", reference_to(answer)}}}};
}

ordered_json parameter_schema(ParameterType type) {
  const bool is_integer = type == ParameterType::number || type == ParameterType::position;
  ordered_json out = type_of(is_integer ? "integer" : "string");
  if (type == ParameterType::position) {
    out["minimum"] = 0;
    out["maximum"] = 999'999'999'999'999;
  }
  if (type == ParameterType::number) {
    out["minimum"] = 1;
    out["maximum"] = 1'000;
  }
  if (type == ParameterType::time) out["format"] = "date-time";
  if (type == ParameterType::date) out["format"] = "date";
  if (type == ParameterType::flag) out["enum"] = {"", "true", "1"};
  return out;
}

ordered_json operation_json(const Route& route) {
  ordered_json out{{"operationId", route.id}, {"summary", route.summary}};
  out["parameters"] = ordered_json::array();
  for (const std::string& name : path_parameters(route)) {
    ordered_json schema = type_of("string");
    schema["minLength"] = 1;
    out["parameters"].push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", schema}});
  }
  for (const Parameter& one : route.parameters) {
    out["parameters"].push_back({{"name", one.name},
                                 {"in", "query"},
                                 {"required", one.required},
                                 {"description", one.what},
                                 {"schema", parameter_schema(one.type)}});
  }
  if (route.body != nullptr) {
    out["requestBody"] = {
        {"required", std::string_view(route.body) == "Command"},
        {"content", {{"application/json", {{"schema", reference_to(route.body)}}}}}};
  }
  for (const int status : statuses(route)) {
    const std::string code = std::to_string(status);
    if (status == route.status) {
      out["responses"][code] = {{"description", net::reason_phrase(status)},
                                {"content", answer_json(route.answer)}};
    } else {
      out["responses"][code] = {{"$ref", "#/components/responses/" + code}};
    }
  }
  // Readiness says what is missing in the same words.
  if (route.answering == Answering::ready) {
    out["responses"]["503"] = {{"description", net::reason_phrase(503)},
                               {"content", answer_json(route.answer)}};
  }
  if (route.scope == Scope::none || route.scope == Scope::local) {
    out["security"] = ordered_json::array();
  } else {
    out["security"] = ordered_json::array({{{"token", {to_text(route.scope)}}}});
  }
  return out;
}

std::string lower_method(std::string_view method) {
  return lower_ascii(method);
}

std::string scope_text(const Route& route) {
  if (route.scope == Scope::none) return "";
  if (route.scope == Scope::local) return "Unix socket only";
  return std::string("`") + to_text(route.scope) + "`";
}

std::string query_text(const Route& route) {
  std::string out;
  for (const Parameter& one : route.parameters) {
    out += out.empty() ? "`" : "; `";
    out += one.name;
    out += "`: ";
    std::string what = one.what;
    if (what.ends_with('.')) what.pop_back();
    out += what;
  }
  return out;
}

}  // namespace

std::string openapi(std::string_view version) {
  ordered_json out{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Rondom"},
        {"description",
         "What runs, how it went, who is who and why. Errors are problem details (RFC 9457)."},
        {"version", std::string(version)}}}};
  out["paths"] = ordered_json::object();
  std::vector<int> problems;
  for (const Route& route : routes()) {
    out["paths"][route.path][lower_method(route.method)] = operation_json(route);
    for (const int status : statuses(route)) {
      if (status != route.status) problems.push_back(status);
    }
  }
  std::sort(problems.begin(), problems.end());
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
  for (const Schema& schema : schemas()) {
    out["components"]["schemas"][schema.name] = schema_json(schema);
  }
  for (const int status : problems) {
    out["components"]["responses"][std::to_string(status)] = {
        {"description", net::reason_phrase(status)},
        {"content", {{"application/problem+json", {{"schema", reference_to("Problem")}}}}}};
  }
  out["components"]["securitySchemes"]["token"] = {
      {"type", "http"},
      {"scheme", "bearer"},
      {"description", "rondom token create NAME --scope SCOPE. Not needed over the Unix socket."}};
  return out.dump(1) + "\n";
}

std::string api_reference() {
  std::string out =
      "# HTTP interface\n\nWhat `rondom serve` answers. The same as OpenAPI 3.1: `GET "
      "/api/v1/openapi.json`. "
      "How to ask, tokens and limits:\n[guide](../guide/api.md). HEAD goes wherever GET does. "
      "Answers hold "
      "what the verbs print with `-o json` ([json](json.md)); errors\nare problem details (RFC "
      "9457): "
      "`type`, `title`, `status`, `detail`.\n\n"
      "| request | scope | what | query |\n| --- | --- | --- | --- |\n";
  for (const Route& route : routes()) {
    out += "| `" + std::string(route.method) + " " + route.path + "` | " + scope_text(route) +
           " | " + route.summary + " | " + query_text(route) + " |\n";
  }
  out += "\n## Objects\n\n| object | keys | what |\n| --- | --- | --- |\n";
  for (const Schema& schema : schemas()) {
    if (schema.fields.empty()) continue;
    std::string keys;
    for (const Field& field : schema.fields) {
      keys += (keys.empty() ? "`" : ", `") + std::string(field.name) + "`";
    }
    out += "| " + std::string(schema.name) + " | " + keys + " | " + schema.what + " |\n";
  }
  out += "\n## Statuses\n\n| request | answers |\n| --- | --- |\n";
  const Route& first = routes().front();
  const std::vector<int> common = statuses(first);
  std::string all;
  for (const int status : common) {
    if (status != first.status) all += (all.empty() ? "" : ", ") + std::to_string(status);
  }
  out += "| all | " + all + " |\n";
  for (const Route& route : routes()) {
    std::string own;
    for (const int status : statuses(route)) {
      const bool is_common =
          status != route.status && std::find(common.begin(), common.end(), status) != common.end();
      if (!is_common) own += (own.empty() ? "" : ", ") + std::to_string(status);
    }
    out += "| `" + std::string(route.method) + " " + route.path + "` | " + own + " |\n";
  }
  return out;
}

}  // namespace rondom::service
