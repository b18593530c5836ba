// api: the service over HTTP: health, metrics, state, what the verbs tell, and orders.
//
// Owns the listeners and their threads. What needs no store is answered from Control in this
// process; what does is told by the verb itself as a child process (command.h), so that the service
// keeps no store open and there is one JSON of each thing. Routes, their scopes and their
// descriptions are one table (api_routes.h). Threads: construct, start() and stop() from one;
// Control is called from several.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "service/events.h"
#include "service/service.h"

namespace rondom::service {

/// What answers under way have when the service stops, and then what commands have to come to a
/// safe point.
inline constexpr std::int64_t api_grace_ms = 5'000;
inline constexpr std::int64_t command_grace_ms = 30'000;

struct ApiOptions {
  std::string program = "/proc/self/exe";   // what is asked for what needs the store
  std::string project_folder;               // absolute; -C of it
  std::string environment;                  // --env of it; empty: as without
  std::string state_folder;                 // absolute; tokens and the audit are there
  std::string socket;                       // absolute
  std::string listen;                       // "127.0.0.1:8380", "[::1]:8380"; empty: no TCP
  std::string certificate, key;             // absolute, PEM; both or none
  std::vector<std::string> names;           // that the TCP listener is known by, lower case
  std::size_t requests_per_second = 2'000;  // of one peer over TCP, 0 = no limit
  const Clock* clock = nullptr;
  const EventLog* events = nullptr;  // of the service; must live longer. nullptr: there are none
  std::function<void(std::string_view level, std::string_view message)> log;
  std::function<bool()> in_a_hurry;  // asked while it stops, from any thread; may be empty
};

class ServiceApi {
 public:
  /// `control` must live longer. Nothing listens yet.
  ServiceApi(Control& control, ApiOptions options);
  ~ServiceApi();

  /// ErrorCode::busy: another service listens at the socket; bad_config: an address that is not
  /// loopback without a certificate, or what cannot be read; as HttpServer::listen.
  Status start();
  /// The TCP port in use, 0 when there is none. For a listener at port 0.
  std::uint16_t port() const;
  /// Answers under way have so long; then commands are asked to stop, and waited for. Again:
  /// nothing. Without a grace, or once ApiOptions::in_a_hurry says so, commands are killed.
  void stop(std::int64_t grace_ms = api_grace_ms);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::service
