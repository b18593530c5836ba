// trust: may a project use a plugin? Private to the engine, and to whoever shows connectors.
//
// What lies in the installation's own folder has the consent of whoever installed Rondom; every
// other plugin is named in rondom.yaml (trusted_plugins) with what it may reach and, if wanted, its
// build. docs/decisions/0018-trust.md. Pure functions but for the one that makes folders; any
// thread.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"
#include "plugin/plugin.h"

namespace rondom::engine {

struct Distrust {
  config::Location at;  // where in rondom.yaml the cure goes
  std::string message;
  std::string hint;
};

/// Why the project may not use this connector; `use` is where it does. Nothing when it may.
std::optional<Distrust> distrust(const config::Project& project, const plugin::ConnectorInfo& info,
                                 const config::Location& use);

/// What the project lets the connector reach: "installed with Rondom", "trusted: files in data".
std::string trust_text(const config::Project& project, const plugin::ConnectorInfo& info);

/// Reports every connector in use that is not trusted, and every name of a plugin that is not
/// there.
void check_trust(const config::Project& project, const plugin::Inventory& inventory,
                 config::Diagnostics& diagnostics);

/// The paths that rondom.yaml names for the connector's plugin, made absolute.
void grant_paths(const config::Project& project, const plugin::ConnectorInfo& info,
                 plugin::HostOptions& options);

/// Makes the folders of them that the plugin may change and that are missing, before its host
/// starts: what is not there cannot be granted. BAD_CONFIG for one that is named as a file is,
/// UNAVAILABLE when it cannot be made.
Status make_writable_paths(const config::Project& project, const plugin::ConnectorInfo& info);

}  // namespace rondom::engine
