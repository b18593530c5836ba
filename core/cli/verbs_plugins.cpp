// connectors list|show, check
#include <algorithm>
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/trust.h"
#include "model/model.h"
#include "plugin/confinement.h"

namespace rondom::cli {

const char* kind_word(plugin::Kind kind) {
  return kind == plugin::Kind::source ? "source" : "destination";
}

namespace {

std::string text_of(const Value* value) {
  Arena arena;
  return value == nullptr ? std::string() : std::string(value->to_text(arena));
}

bool is_true(const Value& object, std::string_view name) {
  const Value* value = object.is_object() ? object.find(name) : nullptr;
  return value != nullptr && value->type() == ValueType::boolean && value->as_boolean();
}

/// A list of objects in what a connector says of itself (facts.hpp of the SDK).
const Value* facts_list(const Value& schema, std::string_view list) {
  const Value* facts = schema.is_object() ? schema.find("x-facts") : nullptr;
  const Value* found = facts != nullptr && facts->is_object() ? facts->find(list) : nullptr;
  return found != nullptr && found->is_list() && found->size() > 0 ? found : nullptr;
}

/// Actions of a destination; of a source what its streams give beside a whole read.
std::vector<std::string> deeds(const plugin::ConnectorInfo& info) {
  Arena arena;
  JsonReader reader;
  const Result<Value> schema = reader.parse(info.spec_json, arena);
  std::vector<std::string> out;
  if (!schema.ok()) return out;
  if (const Value* actions = facts_list(*schema, "actions")) {
    for (std::uint32_t i = 0; i < actions->size(); ++i) {
      if (actions->item(i).is_object()) out.push_back(text_of(actions->item(i).find("name")));
    }
  }
  if (const Value* streams = facts_list(*schema, "streams")) {
    for (const char* word : {"changes", "deletions", "feedback"}) {
      for (std::uint32_t i = 0; i < streams->size(); ++i) {
        if (!is_true(streams->item(i), word)) continue;
        out.emplace_back(word);
        break;
      }
    }
  }
  return out;
}

std::vector<std::string> abilities(const plugin::ConnectorInfo& info) {
  std::vector<std::string> out;
  if (info.idempotent_upsert) out.push_back("idempotent upsert");
  if (info.can_look_up) out.push_back("look up");
  if (info.can_adopt) out.push_back("adopt");
  return out;
}

/// What its process is let through to.
std::vector<std::string> needs(const plugin::ConnectorInfo& info) {
  std::vector<std::string> out;
  if (info.filesystem) out.push_back("files");
  if (info.raw_network) out.push_back("network");
  if (info.standard_streams) out.push_back("standard streams");
  return out;
}

std::string listed(const std::vector<std::string>& words) {
  return words.empty() ? "-" : join(words, ", ");
}

std::string json_of(const config::Project& project, const plugin::ConnectorInfo& info,
                    bool with_configuration) {
  std::string out = "{";
  const auto text = [&](const char* name, std::string_view value) {
    out += std::string(out.size() > 1 ? "," : "") + "\"" + name + "\":";
    append_json_string(out, value);
  };
  const auto list = [&](const char* name, const std::vector<std::string>& values) {
    out += std::string(",\"") + name + "\":[";
    for (const std::string& value : values) {
      if (out.back() != '[') out += ',';
      append_json_string(out, value);
    }
    out += ']';
  };
  text("connector", info.id);
  text("kind", kind_word(info.kind));
  text("version", info.version);
  text("title", info.title);
  list("does", deeds(info));
  list("can", abilities(info));
  list("needs", needs(info));
  text("plugin", info.plugin_name);
  text("plugin_version", info.plugin_version);
  text("library", info.library);
  text("sha256", info.sha256);
  text("trust", engine::trust_text(project, info));
  text("confined_by", plugin::to_text(plugin::kernel_confinement()));
  if (with_configuration) {
    out += ",\"configuration\":" + (info.spec_json.empty() ? "null" : info.spec_json);
  }
  return out + "}";
}

/// What a JSON Schema of an object says of its members.
void print_members(const Value& schema, const char* title) {
  const Value* keys = schema.is_object() ? schema.find("properties") : nullptr;
  if (keys == nullptr || !keys->is_object() || keys->size() == 0) {
    std::printf("%-8s nothing\n", title);
    return;
  }
  const Value* required = schema.find("required");
  Table table({std::string("  ") + title, "type", "required", "default", "what"});
  for (std::uint32_t i = 0; i < keys->size(); ++i) {
    const Member& key = keys->member(i);
    if (!key.value.is_object()) continue;
    bool is_required = false;
    for (std::uint32_t r = 0; required != nullptr && required->is_list() && r < required->size();
         ++r) {
      const Value& name = required->item(r);
      is_required = is_required || (name.is_text() && name.as_text() == key.name);
    }
    std::string type = text_of(key.value.find("type"));
    if (key.value.find("x-secret") != nullptr) type += ", secret";
    std::string what = text_of(key.value.find("description"));
    const Value* choices = key.value.find("enum");
    for (std::uint32_t c = 0; choices != nullptr && choices->is_list() && c < choices->size();
         ++c) {
      what += (c == 0 ? " One of: " : ", ") + text_of(&choices->item(c));
    }
    table.add({"  " + std::string(key.name), type, is_required ? "yes" : "",
               text_of(key.value.find("default")), what});
  }
  std::fputs(table.render().c_str(), stdout);
}

/// What a connector says of itself: streams, actions, and what that was held against.
void print_facts(const Value& schema) {
  if (const Value* streams = facts_list(schema, "streams")) {
    Table table({"  stream", "changes", "deletions", "feedback", "what"});
    for (std::uint32_t i = 0; i < streams->size(); ++i) {
      const Value& stream = streams->item(i);
      if (!stream.is_object()) continue;
      const auto mark = [&](const char* name) { return is_true(stream, name) ? "yes" : ""; };
      table.add({"  " + text_of(stream.find("name")), mark("changes"), mark("deletions"),
                 mark("feedback"), text_of(stream.find("what"))});
    }
    std::fputs(table.render().c_str(), stdout);
  }
  for (const auto& [list, name] : {std::pair("actions", "name"), std::pair("evidence", "kind")}) {
    const Value* entries = facts_list(schema, list);
    if (entries == nullptr) continue;
    Table table(
        {std::string("  ") + (std::string_view(list) == "actions" ? "action" : list), "what"});
    for (std::uint32_t i = 0; i < entries->size(); ++i) {
      const Value& entry = entries->item(i);
      if (!entry.is_object()) continue;
      table.add({"  " + text_of(entry.find(name)), text_of(entry.find("what"))});
    }
    std::fputs(table.render().c_str(), stdout);
  }
}

/// Which fields of the configuration sign in together: one line of them is needed, not all.
void print_ways_to_sign_in(const Value& schema) {
  const Value* ways = schema.is_object() ? schema.find("x-auth") : nullptr;
  if (ways == nullptr || !ways->is_list()) return;
  for (std::uint32_t i = 0; i < ways->size(); ++i) {
    const Value* fields = ways->item(i).is_object() ? ways->item(i).find("fields") : nullptr;
    if (fields == nullptr || !fields->is_list()) continue;
    std::string text;
    for (std::uint32_t f = 0; f < fields->size(); ++f) {
      text += (text.empty() ? "" : " + ") + text_of(&fields->item(f));
    }
    std::printf("  %s %s\n", i == 0 ? "sign in by" : "        or", text.c_str());
  }
}

/// Facts, and the keys of a configuration and of a job's options, from the connector's JSON Schema.
void print_schema(std::string_view text) {
  Arena arena;
  JsonReader reader;
  const Result<Value> schema = reader.parse(text, arena);
  print_facts(schema.ok() ? *schema : Value());
  print_members(schema.ok() ? *schema : Value(), "config");
  print_ways_to_sign_in(schema.ok() ? *schema : Value());
  const Value* options = schema.ok() && schema->is_object() ? schema->find("x-options") : nullptr;
  if (options != nullptr) print_members(*options, "options");
}

void print_connector(const Options& options, const config::Project& project,
                     const plugin::ConnectorInfo& info) {
  std::printf("%s %s · %s · %s\n", bold(options, info.id).c_str(), info.version.c_str(),
              kind_word(info.kind), info.title.c_str());
  std::printf("  plugin  %s %s, %s\n", info.plugin_name.c_str(), info.plugin_version.c_str(),
              info.library.c_str());
  std::printf("  does    %s\n", listed(deeds(info)).c_str());
  if (!abilities(info).empty()) std::printf("  can     %s\n", listed(abilities(info)).c_str());
  std::printf("  needs   %s\n", listed(needs(info)).c_str());
  std::printf("  trust   %s\n", engine::trust_text(project, info).c_str());
  std::printf("  sha256  %s\n", info.sha256.c_str());
  std::printf("  kernel  confines it by %s\n",
              plugin::to_text(plugin::kernel_confinement()).c_str());
  print_schema(info.spec_json);
}

// Connectors can be listed without a project: then only the folders of the program count.
plugin::Inventory told_inventory_of(const config::Project& project) {
  plugin::Inventory inventory = inventory_for(project);
  for (const std::string& problem : inventory.problems) {
    std::fprintf(stderr, "warning: %s\n", problem.c_str());
  }
  return inventory;
}

}  // namespace

int connectors_list(const Options& options) {
  const config::Project project = project_for_plugins(options);
  const plugin::Inventory inventory = told_inventory_of(project);
  if (options.output == "json") {
    std::string out;
    for (const plugin::ConnectorInfo& info : inventory.connectors) {
      out += (out.empty() ? "" : ",") + json_of(project, info, false);
    }
    std::printf("[%s]\n", out.c_str());
    return 0;
  }
  Table table({"CONNECTOR", "kind", "version", "what", "does", "needs"});
  for (const plugin::ConnectorInfo& info : inventory.connectors) {
    table.add({info.id, kind_word(info.kind), info.version, info.title, listed(deeds(info)),
               listed(needs(info))});
  }
  std::fputs(table.render().c_str(), stdout);
  return 0;
}

int connectors_show(const Options& options) {
  const config::Project project = project_for_plugins(options);
  const plugin::Inventory inventory = told_inventory_of(project);
  std::vector<std::string> known;
  std::string json;
  for (const plugin::ConnectorInfo& info : inventory.connectors) {
    known.push_back(info.id);
    if (info.id != options.words.front()) continue;
    const bool first = json.empty();
    json += (first ? "" : ",") + json_of(project, info, true);
    if (options.output == "json") continue;
    if (!first) std::puts("");
    print_connector(options, project, info);
  }
  if (json.empty()) {
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return fail_unknown("connector", options.words.front(), known);
  }
  if (options.output == "json") std::printf("[%s]\n", json.c_str());
  return 0;
}

int check(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  workspace->surroundings.waits_for_systems = false;
  for (const std::string& word : options.words) {
    if (workspace->project->connection(word) == nullptr) {
      return fail_unknown("connection", word, connection_names(*workspace->project));
    }
  }
  Table table({"CONNECTION", "connector", "answer"});
  std::string json;
  for (const config::Connection& connection : workspace->project->connections) {
    if (!options.words.empty() && std::find(options.words.begin(), options.words.end(),
                                            connection.name) == options.words.end()) {
      continue;
    }
    const Status checked =
        engine::check_connection(*workspace->project, workspace->surroundings, connection.name);
    const std::string said = checked.ok() ? "ok" : checked.error().message;
    table.add({connection.name, connection.connector, said});
    json += json.empty() ? "{\"connection\":" : ",{\"connection\":";
    append_json_string(json, connection.name);
    json += checked.ok() ? ",\"ok\":true,\"message\":" : ",\"ok\":false,\"message\":";
    append_json_string(json, checked.ok() ? "" : said);
    json += '}';
    if (!checked.ok()) exit_code = exit_code_for(checked.error().code);
  }
  if (options.output == "json") {
    std::printf("[%s]\n", json.c_str());
  } else {
    std::fputs(table.render().c_str(), stdout);
  }
  return exit_code;
}

}  // namespace rondom::cli
