#include "engine/trust.h"

#include <filesystem>
#include <set>
#include <vector>

namespace rondom::engine {

namespace {

/// What would have to be written, as far as it can be known.
std::string entry_for(const plugin::ConnectorInfo& info) {
  std::string allow;
  if (info.filesystem) allow = "files";
  if (info.raw_network) allow += allow.empty() ? "network" : ", network";
  std::string entry = "trusted_plugins: { " + info.plugin_name + ": { allow: [" + allow + "]";
  if (info.filesystem) entry += ", paths: [FOLDER]";
  return entry + ", sha256: \"" + info.sha256 + "\" } }";
}

std::string lacking(const config::TrustedPlugin& trusted, const plugin::ConnectorInfo& info) {
  if (info.filesystem && !trusted.files) return "files";
  if (info.raw_network && !trusted.network) return "network";
  return {};
}

}  // namespace

std::optional<Distrust> distrust(const config::Project& project, const plugin::ConnectorInfo& info,
                                 const config::Location& use) {
  if (!info.foreign) return std::nullopt;
  const config::TrustedPlugin* trusted = project.trusted_plugin(info.plugin_name);
  if (trusted == nullptr) {
    return Distrust{use,
                    "connector " + info.id + " is of plugin " + info.plugin_name + " (" +
                        info.library + "), which this project does not trust",
                    "if you do, write in rondom.yaml: " + entry_for(info)};
  }
  if (!trusted->sha256.empty() && trusted->sha256 != info.sha256) {
    return Distrust{trusted->sha256_at,
                    "plugin " + info.plugin_name +
                        " is another build than the one that is trusted: " + info.library +
                        " has sha256 " + info.sha256,
                    "write that one if you trust this build too"};
  }
  if (const std::string what = lacking(*trusted, info); !what.empty()) {
    return Distrust{trusted->at,
                    "connector " + info.id + " of plugin " + info.plugin_name + " asks for " +
                        what + ", which its allow does not name",
                    "if it may, write allow: [" + what + ", …]"};
  }
  return std::nullopt;
}

std::string trust_text(const config::Project& project, const plugin::ConnectorInfo& info) {
  if (!info.foreign) return "installed with Rondom";
  if (const auto doubt = distrust(project, info, {})) return "not usable here: " + doubt->message;
  const config::TrustedPlugin& trusted = *project.trusted_plugin(info.plugin_name);
  std::string text = "by rondom.yaml";
  if (info.filesystem) {
    text += ", files in";
    for (const std::string& path : trusted.paths) text += " " + path;
    for (const std::string& path : trusted.writes) text += " " + path + " (to change)";
  }
  if (info.raw_network) text += ", network";
  return text + (trusted.sha256.empty() ? ", any build" : ", this build");
}

void check_trust(const config::Project& project, const plugin::Inventory& inventory,
                 config::Diagnostics& diagnostics) {
  std::set<std::string> names;
  for (const plugin::ConnectorInfo& info : inventory.connectors) names.insert(info.plugin_name);
  for (const config::TrustedPlugin& trusted : project.trusted_plugins) {
    if (names.count(trusted.name) != 0) continue;
    const std::vector<std::string> known(names.begin(), names.end());
    const auto near = did_you_mean(trusted.name, known);
    diagnostics.error(trusted.at, "there is no plugin " + trusted.name,
                      near ? "did you mean " + *near + "?" : "see rondom connectors list");
  }
  for (const config::Connection& connection : project.connections) {
    for (const plugin::Kind kind : {plugin::Kind::source, plugin::Kind::destination}) {
      const plugin::ConnectorInfo* info = inventory.find(connection.connector, kind);
      if (info == nullptr) continue;
      if (const auto doubt = distrust(project, *info, connection.at)) {
        diagnostics.error(doubt->at, doubt->message, doubt->hint);
      }
    }
  }
}

Status make_writable_paths(const config::Project& project, const plugin::ConnectorInfo& info) {
  plugin::HostOptions granted;
  grant_paths(project, info, granted);
  for (const std::string& path : granted.writable_paths) {
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) continue;
    const std::string problem =
        "plugin " + info.plugin_name + " may change " + path + ", which is not there";
    if (std::filesystem::path(path).has_extension()) {
      return {ErrorCode::bad_config,
              problem + ": make it first, or name its folder in trusted_plugins"};
    }
    std::filesystem::create_directories(path, failed);
    if (failed)
      return {ErrorCode::unavailable, problem + " and cannot be made: " + failed.message()};
  }
  return {};
}

void grant_paths(const config::Project& project, const plugin::ConnectorInfo& info,
                 plugin::HostOptions& options) {
  const config::TrustedPlugin* trusted = project.trusted_plugin(info.plugin_name);
  if (!info.foreign || !info.filesystem || trusted == nullptr) return;
  auto& paths = info.kind == plugin::Kind::source ? options.readable_paths : options.writable_paths;
  const auto absolute = [&](const std::string& path) {
    // "done/" is the folder "done": its name has no extension.
    std::string whole = (std::filesystem::path(project.root) / path).lexically_normal().string();
    while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
    return whole;
  };
  for (const std::string& path : trusted->paths) paths.push_back(absolute(path));
  for (const std::string& path : trusted->writes) options.writable_paths.push_back(absolute(path));
}

}  // namespace rondom::engine
