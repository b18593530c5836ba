#include "engine/http_clients.h"

#include <fcntl.h>
#include <unistd.h>

#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/whole_file.h"
#include "engine/durable_file.h"

namespace rondom::engine {
namespace {

using Json = nlohmann::json;

constexpr std::string_view token_folder = "/tokens";  // of the state folder
constexpr std::size_t hash_digits_in_name = 12;
constexpr std::size_t token_file_bytes_max = 1u << 20;
constexpr std::int64_t hold_wait_step_ms = 20;
constexpr std::int64_t hold_wait_max_ms = 60'000;

class FileLock final : public net::TokenStore::Hold {
 public:
  explicit FileLock(int file) : file_(file) {}
  ~FileLock() override { ::close(file_); }  // lets go of it
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

Error cannot_keep(const std::string& path) {
  return {ErrorCode::unavailable,
          "The refresh token cannot be kept in " + path + ", and each one can be used only once."};
}

}  // namespace

TokenFile::TokenFile(const std::string& folder, std::string_view connection,
                     std::string_view configured_token)
    : configured_hash_(sha256_hex(configured_token)) {
  path_ = folder + "/" + std::string(connection) + "-" +
          configured_hash_.substr(0, hash_digits_in_name) + ".json";
}

Result<std::unique_ptr<net::TokenStore::Hold>> TokenFile::hold(net::Interrupt& interrupt) {
  const std::string path = path_ + ".lock";
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return cannot_keep(path_);
  auto lock = std::make_unique<FileLock>(file);
  for (std::int64_t waited = 0; ::flock(file, LOCK_EX | LOCK_NB) != 0;
       waited += hold_wait_step_ms) {
    if (errno != EWOULDBLOCK && errno != EINTR) return cannot_keep(path_);
    if (waited >= hold_wait_max_ms) {
      return Error{ErrorCode::busy,
                   "Another process has been renewing the login of " + path_ + " for too long."};
    }
    if (interrupt.wait_for(hold_wait_step_ms)) {
      return Error{ErrorCode::cancelled, "Stopped while another process renewed the login."};
    }
  }
  return std::unique_ptr<Hold>(std::move(lock));
}

Result<std::optional<std::string>> TokenFile::load() {
  std::error_code failed;
  if (std::filesystem::symlink_status(path_, failed).type() ==
      std::filesystem::file_type::not_found) {
    return std::optional<std::string>();
  }
  // Where the file cannot be read, the configured token is most likely used up.
  RONDOM_TRY_ASSIGN(const std::string text, whole_file(path_, token_file_bytes_max));
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
  Result<std::unique_ptr<Hold>> hold(net::Interrupt& /*interrupt*/) override {
    return std::unique_ptr<Hold>();
  }
  Result<std::optional<std::string>> load() override { return std::optional<std::string>(); }
  Status save(std::string_view /*refresh_token*/) override { return {}; }
};

}  // namespace

/// A client with everything it borrows.
struct HttpClients::Client {
  Client(const net::Declared& declared, const std::string& token_path,
         const Surroundings& surroundings, std::string name)
      : transport({declared.options.proxy, declared.options.ca_file}, *surroundings.clock),
        tape(tape_of(declared, surroundings, name)),
        tokens(token_path, name, declared.options.credentials.refresh_token),
        client(options_of(declared, surroundings), ports(surroundings, std::move(name))) {}

  static net::ClientOptions options_of(const net::Declared& declared,
                                       const Surroundings& surroundings) {
    net::ClientOptions options = declared.options;
    options.retry.waits_for_somebody = surroundings.waits_for_systems;
    return options;
  }

  std::unique_ptr<net::Transport> tape_of(const net::Declared& declared,
                                          const Surroundings& surroundings,
                                          const std::string& name) {
    const std::vector<std::string> secrets = declared.options.credentials.secrets();
    const net::Tapes& tapes = surroundings.tapes;
    if (tapes.play != nullptr) {
      return std::make_unique<net::PlayingTransport>(tapes.play, name, secrets);
    }
    if (tapes.record == nullptr) return nullptr;
    return std::make_unique<net::RecordingTransport>(
        transport, tapes.record, name, declared.options.credentials, surroundings.log);
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
    client = std::make_shared<Client>(declared,
                                      config::state_folder(project_) + std::string(token_folder),
                                      surroundings_, std::string(connection));
  }
  return {client, &client->client};
}

}  // namespace rondom::engine
