#include "engine/connections.h"

#include <filesystem>

#include "engine/capture.h"

namespace rondom::engine {

Result<const plugin::ConnectorInfo*> Connections::find(std::string_view connection,
                                                       plugin::Kind kind,
                                                       const config::Connection*& found) const {
  found = project_.connection(connection);
  if (found == nullptr) {
    return Error{ErrorCode::bad_config, "no connection " + std::string(connection)};
  }
  const plugin::ConnectorInfo* info = surroundings_.inventory.find(found->connector, kind);
  if (info == nullptr) {
    const char* what = kind == plugin::Kind::source ? "source" : "destination";
    return Error{ErrorCode::bad_config, "no plugin offers a " + std::string(what) +
                                            " connector \"" + found->connector +
                                            "\"; see rondom connectors"};
  }
  return info;
}

plugin::HostServices Connections::services(std::string_view connection) const {
  plugin::HostServices services;
  const std::string name(connection);
  services.log = [log = surroundings_.log, name](std::string_view level, std::string_view message) {
    if (log) log(level, name + ": " + std::string(message));
  };
  services.secret_get =
      [secrets = surroundings_.secrets](std::string_view secret) -> Result<std::string> {
    if (secrets == nullptr) return Error{ErrorCode::not_permitted, "no secrets are configured"};
    return secrets->get(secret);
  };
  return services;
}

plugin::HostOptions Connections::host_options(const plugin::ConnectorInfo& info) const {
  plugin::HostOptions options = surroundings_.host;
  options.working_directory = project_.root;
  if (!info.standard_streams) {
    options.stdin_descriptor = -1;
    options.stdout_descriptor = -1;
  }
  return options;
}

Result<Connections::Opening> Connections::prepare(std::string_view connection,
                                                  plugin::Kind kind) const {
  Opening opening;
  const config::Connection* found = nullptr;
  RONDOM_TRY_ASSIGN(opening.info, find(connection, kind, found));
  RONDOM_TRY_ASSIGN(const std::string config,
                    config::resolve_secrets(found->config_json, *surroundings_.secrets));
  Result<net::Declared> declared = net::read_declaration(opening.info->spec_json, config);
  if (!declared.ok()) {
    Error error = declared.error();
    error.message = "connection " + found->name + ": " + error.message;
    return error;
  }
  opening.config_json = std::move(declared->plugin_config_json);
  opening.services = services(connection);
  if (!declared->uses_http) return opening;
  opening.services.http = [client = http_->client(connection, *declared)](
                              const net::Request& request, net::ReplySink& sink,
                              net::Interrupt& interrupt) {
    return client->send(request, sink, interrupt);
  };
  return opening;
}

Result<std::unique_ptr<plugin::Source>> Connections::open_source(
    std::string_view connection) const {
  if (surroundings_.open_source) return surroundings_.open_source(connection);
  RONDOM_TRY_ASSIGN(const Opening opening, prepare(connection, plugin::Kind::source));
  return plugin::open_source(*opening.info, opening.config_json, opening.services,
                             host_options(*opening.info));
}

Result<std::unique_ptr<plugin::Destination>> Connections::open_destination(
    std::string_view connection) const {
  RONDOM_TRY_ASSIGN(const Opening opening, prepare(connection, plugin::Kind::destination));
  return plugin::open_destination(*opening.info, opening.config_json, opening.services,
                                  host_options(*opening.info));
}

Result<std::unique_ptr<plugin::Destination>> Connections::open_capture() const {
  const plugin::ConnectorInfo* info =
      surroundings_.inventory.find("file", plugin::Kind::destination);
  if (info == nullptr) {
    return Error{ErrorCode::bad_config, "deliver: capture needs the file plugin, which is missing"};
  }
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(project_.root) / capture_folder;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{ErrorCode::unavailable, "cannot make the folder " + folder.string()};
  std::string config = "{\"path\":";
  append_json_string(config, capture_folder);
  config += '}';
  RONDOM_TRY_ASSIGN(auto files, plugin::open_destination(*info, config, services("capture"),
                                                         host_options(*info)));
  return std::unique_ptr<plugin::Destination>(std::make_unique<Capture>(std::move(files)));
}

}  // namespace rondom::engine
