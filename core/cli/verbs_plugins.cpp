// connectors list|show, check
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"

namespace rondom::cli {

namespace {

const char* kind_word(plugin::Kind kind) {
  return kind == plugin::Kind::source ? "source" : "destination";
}

// Connectors can be listed without a project: then only the folders of the program count.
plugin::Inventory inventory_of(const Options& options) {
  return plugin::take_inventory(plugin_directories(options));
}

std::string abilities(const plugin::ConnectorInfo& info) {
  std::string out;
  const auto add = [&](bool has, const char* word) {
    if (has) out += (out.empty() ? "" : ", ") + std::string(word);
  };
  add(info.idempotent_upsert, "idempotent upsert");
  add(info.can_look_up, "look up");
  add(info.can_adopt, "adopt");
  add(info.filesystem, "FILESYSTEM");
  add(info.raw_network, "RAW_NETWORK");
  return out;
}

}  // namespace

int connectors_list(const Options& options) {
  const plugin::Inventory inventory = inventory_of(options);
  for (const std::string& problem : inventory.problems) std::fprintf(stderr, "warning: %s\n", problem.c_str());
  if (options.output == "json") {
    std::string out = "[";
    for (const plugin::ConnectorInfo& info : inventory.connectors) {
      out += out.size() > 1 ? ",{\"connector\":" : "{\"connector\":";
      append_json_string(out, info.id);
      out += std::string(",\"kind\":\"") + kind_word(info.kind) + "\",\"version\":";
      append_json_string(out, info.version);
      out += ",\"title\":";
      append_json_string(out, info.title);
      out += "}";
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"CONNECTOR", "kind", "version", "what", "can"});
  for (const plugin::ConnectorInfo& info : inventory.connectors) {
    table.add({info.id, kind_word(info.kind), info.version, info.title, abilities(info)});
  }
  std::fputs(table.render().c_str(), stdout);
  return 0;
}

int connectors_show(const Options& options) {
  const plugin::Inventory inventory = inventory_of(options);
  bool found = false;
  for (const plugin::ConnectorInfo& info : inventory.connectors) {
    if (info.id != options.words.front()) continue;
    found = true;
    if (options.output == "json") {
      std::printf("%s\n", info.spec_json.c_str());
      continue;
    }
    std::printf("%s %s · %s\n%s\nplugin   %s %s (%s)\ncan      %s\nconfig   %s\n\n",
                bold(options, info.id).c_str(), info.version.c_str(), kind_word(info.kind),
                info.title.c_str(), info.plugin_name.c_str(), info.plugin_version.c_str(),
                info.library.c_str(), abilities(info).c_str(), info.spec_json.c_str());
  }
  if (found) return 0;
  std::vector<std::string> known;
  for (const plugin::ConnectorInfo& info : inventory.connectors) known.push_back(info.id);
  const auto near = did_you_mean(options.words.front(), known);
  return fail({ErrorCode::usage, "no connector " + options.words.front() +
                                     (near ? "; did you mean " + *near + "?" : "")});
}

int check(const Options& options) {
  int exit_code = 0;
  const std::optional<Workspace> workspace = open_workspace(options, exit_code);
  if (!workspace.has_value()) return exit_code;
  for (const std::string& word : options.words) {
    if (workspace->project->connection(word) == nullptr) {
      return fail({ErrorCode::usage, "no connection " + word});
    }
  }
  for (const config::Connection& connection : workspace->project->connections) {
    if (!options.words.empty() && std::find(options.words.begin(), options.words.end(),
                                            connection.name) == options.words.end()) {
      continue;
    }
    const Status checked =
        engine::check_connection(*workspace->project, workspace->surroundings, connection.name);
    std::printf("%-16s %s\n", connection.name.c_str(),
                checked.ok() ? "ok" : checked.error().message.c_str());
    if (!checked.ok()) exit_code = exit_code_for(checked.error().code);
  }
  return exit_code;
}

}  // namespace rondom::cli
