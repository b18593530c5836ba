// connections: opens a job's connector with its secrets, grants and streams. Private to the engine.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/engine.h"
#include "engine/http_clients.h"

namespace rondom::engine {

class Connections {
 public:
  Connections(const config::Project& project, const Surroundings& surroundings)
      : Connections(project, surroundings, std::make_shared<HttpClients>(project, surroundings)) {}
  Connections(const config::Project& project, const Surroundings& surroundings,
              std::shared_ptr<HttpClients> http)
      : project_(project), surroundings_(surroundings), http_(std::move(http)) {}

  /// Told what plugins are kept from, by connection; the handles may tell until they are destroyed.
  void tell_refused(std::function<void(std::string_view sentence)> refused) {
    refused_ = std::move(refused);
  }
  /// Told where a plugin crashed, innermost first.
  void tell_trace(std::function<void(std::string_view place)> trace) { trace_ = std::move(trace); }

  /// `job`: whose state the connector keeps; empty = none, as nothing is read or delivered for
  /// good.
  Result<std::unique_ptr<plugin::Source>> open_source(std::string_view connection,
                                                      std::string_view job = {}) const;
  Result<std::unique_ptr<plugin::Destination>> open_destination(std::string_view connection,
                                                                std::string_view job = {}) const;
  /// Writes what would be sent to the capture folder of the project, through the file connector.
  Result<std::unique_ptr<plugin::Destination>> open_capture() const;

 private:
  Result<const plugin::ConnectorInfo*> find(std::string_view connection, plugin::Kind kind,
                                            const config::Connection*& found) const;
  /// What a plugin is given: its configuration without credentials, and its services.
  struct Opening {
    const plugin::ConnectorInfo* info = nullptr;
    std::string config_json;
    plugin::HostServices services;
    std::string address;  // of the other system, as far as the connector declares one
  };
  Result<Opening> prepare(std::string_view connection, plugin::Kind kind) const;
  plugin::HostServices services(std::string_view connection) const;
  void keep_state(std::string_view job, Opening& opening) const;
  void give_secrets(const config::Connection& connection, const plugin::ConnectorInfo& info,
                    plugin::HostServices& services) const;
  void keep_secret(const config::Connection& connection, plugin::HostServices& services) const;
  static void mask_all(plugin::HostServices& services);
  plugin::HostOptions host_options(const plugin::ConnectorInfo& info) const;

  const config::Project& project_;
  const Surroundings& surroundings_;
  std::shared_ptr<HttpClients> http_;
  std::function<void(std::string_view sentence)> refused_;
  std::function<void(std::string_view place)> trace_;
};

/// Of a played run: people of a cassette have other addresses, and files in out/ may be fetched.
/// Absolute or relative to the project, as capture_folder_of().
std::string played_capture_folder(const config::Project& project);
std::string capture_folder_of(const config::Project& project, const Surroundings& surroundings);

}  // namespace rondom::engine
