#include "engine/http_clients.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/durable_file.h"

namespace rondom::engine {
namespace {

using Json = nlohmann::json;

constexpr std::string_view token_folder = "var/tokens";

Error cannot_keep(const std::string& path) {
  return {ErrorCode::unavailable,
          "The new refresh token cannot be kept in " + path + "; the old one is used up."};
}

}  // namespace

TokenFile::TokenFile(std::string path, std::string_view configured_token)
    : path_(std::move(path)), configured_hash_(sha256_hex(configured_token)) {}

Result<std::optional<std::string>> TokenFile::load() {
  std::ifstream in(path_, std::ios::binary);
  if (!in) return std::optional<std::string>();
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Json kept = Json::parse(text, nullptr, false);
  const bool sane = kept.is_object() && kept.contains("replaces") &&
                    kept.contains("refresh_token") && kept["replaces"].is_string() &&
                    kept["refresh_token"].is_string();
  if (!sane)
    return Error{ErrorCode::bad_state, "The kept refresh token " + path_ + " is unreadable."};
  if (kept["replaces"].get<std::string>() != configured_hash_) return std::optional<std::string>();
  return std::optional<std::string>(kept["refresh_token"].get<std::string>());
}

Status TokenFile::save(std::string_view refresh_token) {
  const Json kept{{"replaces", configured_hash_}, {"refresh_token", refresh_token}};
  if (!replace_durably(path_, kept.dump())) return cannot_keep(path_);
  return {};
}

namespace {

/// What a cassette says of tokens is no token: nothing is kept, and the real one is not looked at.
class NoTokens final : public net::TokenStore {
 public:
  Result<std::optional<std::string>> load() override { return std::optional<std::string>(); }
  Status save(std::string_view /*refresh_token*/) override { return {}; }
};

}  // namespace

/// A client with everything it borrows.
struct HttpClients::Client {
  Client(const net::Declared& declared, std::string token_path, const Surroundings& surroundings,
         std::string name)
      : transport({declared.options.proxy, declared.options.ca_file}, *surroundings.clock),
        tape(tape_of(declared, surroundings, name)),
        tokens(std::move(token_path), declared.options.credentials.refresh_token),
        client(declared.options, ports(surroundings, std::move(name))) {}

  std::unique_ptr<net::Transport> tape_of(const net::Declared& declared,
                                          const Surroundings& surroundings,
                                          const std::string& name) {
    const std::vector<std::string> secrets = declared.options.credentials.secrets();
    const net::Tapes& tapes = surroundings.tapes;
    if (tapes.play != nullptr) {
      return std::make_unique<net::PlayingTransport>(tapes.play, name, secrets);
    }
    if (tapes.record == nullptr) return nullptr;
    return std::make_unique<net::RecordingTransport>(transport, tapes.record, name, secrets,
                                                     surroundings.log);
  }

  net::ClientPorts ports(const Surroundings& surroundings, std::string name) {
    net::ClientPorts ports;
    ports.transport = tape != nullptr ? tape.get() : &transport;
    ports.clock = surroundings.clock;
    ports.random = surroundings.random;
    ports.sleeper = &sleeper;
    ports.tokens =
        surroundings.tapes.play != nullptr ? static_cast<net::TokenStore*>(&no_tokens) : &tokens;
    ports.log = [log = surroundings.log, name = std::move(name)](std::string_view level,
                                                                 std::string_view message) {
      if (log) log(level, name + ": " + std::string(message));
    };
    return ports;
  }

  net::CurlTransport transport;
  std::unique_ptr<net::Transport> tape;  // in place of it, or around it
  net::SystemSleeper sleeper;
  TokenFile tokens;
  NoTokens no_tokens;
  net::HttpClient client;
};

std::shared_ptr<net::HttpClient> HttpClients::client(std::string_view connection,
                                                     const net::Declared& declared) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Client>& client = clients_[std::string(connection) + '\n' + declared.text];
  if (client == nullptr) {
    const std::filesystem::path root(project_.root);
    const std::string path = (root / token_folder / (std::string(connection) + ".json")).string();
    client = std::make_shared<Client>(declared, path, surroundings_, std::string(connection));
  }
  return {client, &client->client};
}

}  // namespace rondom::engine
