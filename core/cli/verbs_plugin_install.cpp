// plugin install
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/trust.h"
#include "model/model.h"
#include "plugin/install.h"

namespace rondom::cli {

namespace {

/// The only folders that plugins are taken from are those that somebody named.
Result<std::string> folder_for(const Options& options) {
  if (options.site) return std::string(site_plugin_directory);
  const std::vector<std::string> own = own_plugin_directories(options);
  if (!own.empty()) return own.front();
  return Error{
      ErrorCode::usage,
      "no folder for plugins is named: add plugins: [plugins] to the project's rondom.yaml, "
      "or use --site, which is for every project of this machine (" +
          std::string(site_plugin_directory) + ")"};
}

void add_texts(const Value& object, const char* list, const char* before, const char* after,
               std::vector<std::string>& out) {
  const Value* found = object.find(list);
  for (std::uint32_t i = 0; found != nullptr && found->is_list() && i < found->size(); ++i) {
    if (found->item(i).is_text())
      out.push_back(before + std::string(found->item(i).as_text()) + after);
  }
}

/// Whom it may ask through the engine's HTTP.
std::vector<std::string> hosts_of(const plugin::ConnectorInfo& info) {
  Arena arena;
  JsonReader reader;
  std::vector<std::string> out;
  const Result<Value> schema = reader.parse(info.spec_json, arena);
  const Value* http = schema.ok() && schema->is_object() ? schema->find("x-http") : nullptr;
  if (http == nullptr || !http->is_object()) return out;
  const Value* url = http->find("base_url");
  if (url != nullptr && url->is_text()) out.emplace_back(url->as_text());
  const Value* field = http->find("base_url_field");
  if (field != nullptr && field->is_text()) {
    out.push_back("the address in \"" + std::string(field->as_text()) + "\"");
  }
  add_texts(*http, "hosts", "", "", out);
  add_texts(*http, "host_fields", "the host in \"", "\"", out);
  return out;
}

/// What its process is let through to beside the engine.
std::vector<std::string> grants_of(const plugin::ConnectorInfo& info) {
  std::vector<std::string> out;
  if (info.raw_network) out.emplace_back("network");
  if (info.filesystem) out.emplace_back("files");
  if (info.standard_streams) out.emplace_back("standard streams");
  return out;
}

void append_list(std::string& out, const char* name, const std::vector<std::string>& values) {
  out += std::string(",\"") + name + "\":[";
  for (const std::string& value : values) {
    if (out.back() != '[') out += ',';
    append_json_string(out, value);
  }
  out += ']';
}

void print_json(const plugin::Installed& installed, const std::string& folder) {
  std::string out = "{\"plugin\":";
  append_json_string(out, installed.plugin);
  out += ",\"version\":";
  append_json_string(out, installed.version);
  out += ",\"version_before\":";
  if (installed.version_before.empty()) {
    out += "null";
  } else {
    append_json_string(out, installed.version_before);
  }
  out += ",\"folder\":";
  append_json_string(out, folder);
  out += ",\"library\":";
  append_json_string(out, installed.library);
  out += ",\"presets\":" + std::to_string(installed.presets) + ",\"connectors\":[";
  for (const plugin::ConnectorInfo& info : installed.connectors) {
    if (out.back() != '[') out += ',';
    out += "{\"connector\":";
    append_json_string(out, info.id);
    out += std::string(",\"kind\":\"") + kind_word(info.kind) + "\"";
    append_list(out, "asks", hosts_of(info));
    append_list(out, "needs", grants_of(info));
    out += '}';
  }
  std::printf("%s]}\n", out.c_str());
}

void print_text(const Options& options, const plugin::Installed& installed,
                const std::string& folder) {
  std::string how = " is installed in " + folder;
  if (installed.unchanged) {
    how = " was in " + folder + " already";
  } else if (!installed.version_before.empty()) {
    how = " replaces " + installed.version_before + " in " + folder;
  }
  std::printf("%s %s%s\n", bold(options, installed.plugin).c_str(), installed.version.c_str(),
              how.c_str());
  for (const plugin::ConnectorInfo& info : installed.connectors) {
    const std::vector<std::string> hosts = hosts_of(info), grants = grants_of(info);
    std::printf("  %s %s\n", kind_word(info.kind), info.id.c_str());
    std::printf("    asks   %s\n", hosts.empty()
                                       ? "nobody over HTTP"
                                       : (join(hosts, ", ") + ", over Rondom's HTTP").c_str());
    std::printf("    needs  %s\n",
                grants.empty() ? "no files and no network of its own" : join(grants, ", ").c_str());
  }
}

/// A connector that stands in two folders is taken from the first.
void warn_of_others(const Options& options, const plugin::Installed& installed) {
  const config::Project project = project_for_plugins(options);
  const plugin::Inventory inventory = inventory_for(project);
  for (const plugin::ConnectorInfo& info : installed.connectors) {
    const plugin::ConnectorInfo* used = inventory.find(info.id, info.kind);
    if (used != nullptr && used->library == installed.library) {
      const auto doubt = engine::distrust(project, *used, {});
      if (doubt)
        std::fprintf(stderr, "note: %s; %s\n", doubt->message.c_str(), doubt->hint.c_str());
      continue;
    }
    std::fprintf(stderr, "warning: connector %s is taken from %s, not from here\n", info.id.c_str(),
                 used == nullptr ? "nowhere" : used->library.c_str());
  }
  for (const std::string& problem : inventory.problems) {
    std::fprintf(stderr, "warning: %s\n", problem.c_str());
  }
}

}  // namespace

int plugin_install(const Options& options) {
  const Result<std::string> folder = folder_for(options);
  if (!folder.ok()) return fail(folder.error());
  const auto installed = plugin::install_plugin(options.words.front(), *folder, "");
  if (!installed.ok()) return fail(installed.error());
  if (options.output == "json") {
    print_json(*installed, *folder);
  } else {
    print_text(options, *installed, *folder);
  }
  warn_of_others(options, *installed);
  return 0;
}

}  // namespace rondom::cli
