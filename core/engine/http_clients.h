// http_clients: one HTTP client per connection of a project, shared by all its jobs, so that they
// share its rate budget, its connections and its tokens. Private to the engine.
//
// Any thread. A client lives as long as somebody holds it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "net/net.h"

namespace rondom::engine {

/// A refresh token that replaced the configured one, in a file of its own (mode 0600) that is
/// replaced as a whole. It counts for as long as the configured token stays the same: the file is
/// named by the connection and by what was configured, so that environments have one each.
class TokenFile final : public net::TokenStore {
 public:
  TokenFile(const std::string& folder, std::string_view connection,
            std::string_view configured_token);
  const std::string& path() const { return path_; }
  /// ErrorCode::busy when another process holds it longer than hold_wait_max_ms.
  Result<std::unique_ptr<Hold>> hold(net::Interrupt& interrupt) override;
  Result<std::optional<std::string>> load() override;
  Status save(std::string_view refresh_token) override;

 private:
  std::string path_;
  std::string configured_hash_;
};

class HttpClients {
 public:
  HttpClients(const config::Project& project, const Surroundings& surroundings)
      : project_(project), surroundings_(surroundings) {}

  /// The client of a connection; made at the first call. Connectors of one connection share it when
  /// they declare the same.
  std::shared_ptr<net::HttpClient> client(std::string_view connection,
                                          const net::Declared& declared);

 private:
  struct Client;

  const config::Project& project_;
  const Surroundings& surroundings_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Client>> clients_;
};

}  // namespace rondom::engine
