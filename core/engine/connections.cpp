#include "engine/connections.h"

#include <algorithm>
#include <filesystem>

#include "base/cleanse.h"
#include "engine/capture.h"
#include "engine/connector_state.h"
#include "engine/trust.h"
#include "net/redact.h"

namespace rondom::engine {
namespace {

constexpr std::string_view connectors_folder = "state";  // what they remember

}  // namespace

std::string played_capture_folder(const config::Project& project) {
  return project.state + "/played";
}

std::string capture_folder_of(const config::Project& project, const Surroundings& surroundings) {
  return surroundings.tapes.play == nullptr ? config::captured_folder(project)
                                            : played_capture_folder(project);
}

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
  // validate has said so already, with its place.
  if (const auto doubt = distrust(project_, *info, found->at)) {
    return Error{ErrorCode::not_permitted, doubt->message + "; " + doubt->hint};
  }
  return info;
}

plugin::HostServices Connections::services(std::string_view connection) const {
  plugin::HostServices services;
  const std::string name(connection);
  services.log = [log = surroundings_.log, name](std::string_view level, std::string_view message) {
    if (log) log(level, name + ": " + std::string(message));
  };
  services.refused = [refused = refused_, log = surroundings_.log,
                      name](std::string_view sentence) {
    if (log) log("warning", name + ": " + std::string(sentence));
    if (refused) refused(sentence);
  };
  services.trace = trace_;
  return services;
}

// Its own and no others: those of the configuration that the plugin gets, so not those that the
// engine's HTTP signs with.
void Connections::give_secrets(const config::Connection& connection,
                               const plugin::ConnectorInfo& info,
                               plugin::HostServices& services) const {
  const Result<net::Declared> unresolved =
      net::read_declaration(info.spec_json, connection.config_json);
  std::vector<std::string> names;
  if (unresolved.ok()) names = config::secret_references(unresolved->plugin_config_json);
  services.secret_get = [secrets = surroundings_.secrets, names = std::move(names),
                         who = connection.name](std::string_view name) -> Result<std::string> {
    if (secrets == nullptr || std::find(names.begin(), names.end(), name) == names.end()) {
      return Error{ErrorCode::not_permitted,
                   "the configuration of " + who + " names no such secret of its own"};
    }
    return secrets->get(name);
  };
}

// A played run talks to nobody, so it has nothing to remember.
void Connections::keep_state(std::string_view job, Opening& opening) const {
  if (job.empty() || surroundings_.tapes.play != nullptr) return;
  plugin::HostServices& services = opening.services;
  // What one environment's system was told, or the one that stood in the configuration before, says
  // nothing of another.
  const std::string& environment = project_.environment;
  const std::string address = hex64(Hasher().add(opening.info->id).add(opening.address).value());
  const std::filesystem::path file = std::filesystem::path(config::state_folder(project_)) /
                                     connectors_folder /
                                     (environment.empty() ? std::string("none") : environment) /
                                     (std::string(job) + "-" + address.substr(0, 8) + ".json");
  const auto state = std::make_shared<ConnectorState>(file.string());
  services.state_get = [state](std::string_view key) { return state->get(key); };
  services.state_put = [state](std::string_view key, std::string_view value) {
    return state->put(key, value);
  };
}

// A plugin knows the secrets of its configuration, and says what it likes.
void Connections::keep_secret(const config::Connection& connection,
                              plugin::HostServices& services) const {
  std::vector<std::string> values;
  for (const std::string& name : config::secret_references(connection.config_json)) {
    if (Result<std::string> value = surroundings_.secrets->get(name); value.ok()) {
      values.push_back(std::move(value).value());
    }
  }
  if (values.empty()) return;
  const auto redact = std::make_shared<const net::Redactor>(std::move(values));
  services.mask = [redact](std::string_view sentence) { return (*redact)(sentence); };
}

void Connections::mask_all(plugin::HostServices& services) {
  if (!services.mask) return;
  services.log = [mask = services.mask, log = std::move(services.log)](std::string_view level,
                                                                       std::string_view message) {
    log(level, mask(message));
  };
  services.refused = [mask = services.mask, refused = std::move(services.refused)](
                         std::string_view sentence) { refused(mask(sentence)); };
}

plugin::HostOptions Connections::host_options(const plugin::ConnectorInfo& info) const {
  plugin::HostOptions options = surroundings_.host;
  options.working_directory = project_.root;
  const config::PluginLimits& limits = project_.plugin_limits;
  constexpr std::int64_t milliseconds = 1'000;
  options.memory_bytes = static_cast<std::uint64_t>(limits.memory_mb) << 20;
  options.hang_limit_ms = limits.silent_seconds * milliseconds;
  options.idle_limit_ms = limits.idle_seconds * milliseconds;
  options.records_without_checkpoint_max =
      static_cast<std::uint64_t>(limits.records_without_checkpoint);
  grant_paths(project_, info, options);
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
  RONDOM_TRY(make_writable_paths(project_, *opening.info));
  RONDOM_TRY_ASSIGN(std::string config,
                    config::resolve_secrets(found->config_json, *surroundings_.secrets));
  const CleansedAtEnd cleansed(config);
  Result<net::Declared> declared = net::read_declaration(opening.info->spec_json, config);
  if (!declared.ok()) {
    Error error = declared.error();
    error.message = "connection " + found->name + ": " + error.message;
    return error;
  }
  opening.config_json = std::move(declared->plugin_config_json);
  opening.address = declared->options.base_url;
  opening.services = services(connection);
  give_secrets(*found, *opening.info, opening.services);
  keep_secret(*found, opening.services);
  if (!declared->uses_http) {
    mask_all(opening.services);
    return opening;
  }
  const std::shared_ptr<net::HttpClient> client = http_->client(connection, *declared);
  opening.services.http = [client](const net::Request& request, net::ReplySink& sink,
                                   net::Interrupt& interrupt) {
    return client->send(request, sink, interrupt);
  };
  // A system may repeat in a reply what the request was signed with.
  opening.services.mask = [client, mask = std::move(opening.services.mask)](std::string_view text) {
    return client->without_secrets(mask ? mask(text) : std::string(text));
  };
  mask_all(opening.services);
  return opening;
}

Result<std::unique_ptr<plugin::Source>> Connections::open_source(std::string_view connection,
                                                                 std::string_view job) const {
  if (surroundings_.open_source) return surroundings_.open_source(connection);
  RONDOM_TRY_ASSIGN(Opening opening, prepare(connection, plugin::Kind::source));
  keep_state(job, opening);
  return plugin::open_source(*opening.info, opening.config_json, opening.services,
                             host_options(*opening.info));
}

Result<std::unique_ptr<plugin::Destination>> Connections::open_destination(
    std::string_view connection, std::string_view job) const {
  RONDOM_TRY_ASSIGN(Opening opening, prepare(connection, plugin::Kind::destination));
  keep_state(job, opening);
  return plugin::open_destination(*opening.info, opening.config_json, opening.services,
                                  host_options(*opening.info));
}

Result<std::unique_ptr<plugin::Destination>> Connections::open_capture() const {
  const plugin::ConnectorInfo* info =
      surroundings_.inventory.find("file", plugin::Kind::destination);
  if (info == nullptr) {
    return Error{ErrorCode::bad_config, "deliver: capture needs the file plugin, which is missing"};
  }
  if (const auto doubt = distrust(project_, *info, {})) {
    return Error{ErrorCode::not_permitted, doubt->message + "; " + doubt->hint};
  }
  std::error_code failed;
  const std::string as_written = capture_folder_of(project_, surroundings_);
  const std::filesystem::path folder = std::filesystem::path(project_.root) / as_written;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{ErrorCode::unavailable, "cannot make the folder " + folder.string()};
  std::string config = "{\"path\":";
  append_json_string(config, as_written);
  config += '}';
  RONDOM_TRY_ASSIGN(auto files, plugin::open_destination(*info, config, services("capture"),
                                                         host_options(*info)));
  return std::unique_ptr<plugin::Destination>(std::make_unique<Capture>(std::move(files)));
}

}  // namespace rondom::engine
