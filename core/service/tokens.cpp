#include "service/tokens.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "engine/durable_file.h"
#include "net/redact.h"

namespace rondom::service {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t token_bytes = 32;
constexpr std::size_t token_file_bytes_max = 1u << 20;
constexpr std::size_t token_name_bytes_max = 64;
// Tells what it is to whoever finds one, and to tools that look for secrets.
constexpr const char* token_prefix = "rondom_";

constexpr std::pair<Scope, const char*> scope_words[] = {
    {Scope::none, "none"},       {Scope::read, "read"},
    {Scope::operate, "operate"}, {Scope::personal_data, "personal-data"},
    {Scope::local, "local"},
};

bool is_token_name(std::string_view name) {
  return !name.empty() && name.size() <= token_name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                  c == '-' || c == '_';
         });
}

Error damaged(const std::string& file) {
  return {ErrorCode::data, file + " is damaged"};
}

Result<std::vector<Token>> read_tokens(const std::string& file) {
  std::vector<Token> out;
  struct stat there {};
  if (::stat(file.c_str(), &there) != 0 && errno == ENOENT) return out;
  RONDOM_TRY_ASSIGN(const std::string text, whole_file(file, token_file_bytes_max));
  try {
    const ordered_json document = ordered_json::parse(text);
    for (const auto& one : document.at("tokens")) {
      Token token;
      token.name = one.at("name");
      token.hash = one.at("sha256");
      for (const std::string word : one.at("scopes")) {
        const auto scope = scope_of(word);
        if (!scope.has_value()) return damaged(file);
        token.scopes.push_back(*scope);
      }
      RONDOM_TRY_ASSIGN(token.created_at, parse_time(one.at("created_at").get<std::string>()));
      if (one.contains("expires_at")) {
        RONDOM_TRY_ASSIGN(token.expires_at, parse_time(one["expires_at"].get<std::string>()));
      }
      out.push_back(std::move(token));
    }
  } catch (const ordered_json::exception&) {
    return damaged(file);
  }
  return out;
}

Status write_tokens(const std::string& file, const std::vector<Token>& tokens) {
  ordered_json list = ordered_json::array();
  for (const Token& token : tokens) {
    ordered_json one{{"name", token.name}, {"sha256", token.hash}};
    for (const Scope scope : token.scopes) one["scopes"].push_back(to_text(scope));
    one["created_at"] = format_time(token.created_at);
    if (token.expires_at.has_value()) one["expires_at"] = format_time(*token.expires_at);
    list.push_back(std::move(one));
  }
  if (!engine::replace_durably(file, ordered_json{{"tokens", list}}.dump(1) + "\n")) {
    return {ErrorCode::unavailable, file + " cannot be written"};
  }
  return {};
}

/// Between reading the file and replacing it nobody else does: else one of two changes would be
/// lost, and what was revoked could come back.
class OneAtATime {
 public:
  explicit OneAtATime(const std::string& file) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
    descriptor_ = ::open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    held_ = descriptor_ >= 0;
    while (held_ && ::flock(descriptor_, LOCK_EX) != 0) held_ = errno == EINTR;
  }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;
  ~OneAtATime() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

Error cannot_be_written(const std::string& file) {
  return {ErrorCode::unavailable, file + " cannot be written"};
}

/// What changes when the file does.
std::string version_of(const std::string& file) {
  struct stat there {};
  if (::stat(file.c_str(), &there) != 0) return "none";
  return std::to_string(there.st_ino) + " " + std::to_string(there.st_size) + " " +
         std::to_string(there.st_mtim.tv_sec) + " " + std::to_string(there.st_mtim.tv_nsec);
}

}  // namespace

const char* to_text(Scope scope) {
  for (const auto& [one, word] : scope_words) {
    if (one == scope) return word;
  }
  return "none";
}

std::optional<Scope> scope_of(std::string_view word) {
  for (const Scope scope : {Scope::read, Scope::operate, Scope::personal_data}) {
    if (word == to_text(scope)) return scope;
  }
  return std::nullopt;
}

Result<std::string> Tokens::create(std::string_view name, std::vector<Scope> scopes, Timestamp now,
                                   std::optional<Timestamp> expires_at, Random& random) {
  if (!is_token_name(name)) {
    return Error{ErrorCode::usage,
                 "a token's name has up to 64 letters, digits, \".\", \"-\" and \"_\""};
  }
  if (scopes.empty()) return Error{ErrorCode::usage, "a token has at least one scope"};
  const OneAtATime alone(file_);
  if (!alone.held()) return cannot_be_written(file_);
  RONDOM_TRY_ASSIGN(std::vector<Token> tokens, read_tokens(file_));
  if (std::any_of(tokens.begin(), tokens.end(),
                  [&](const auto& one) { return one.name == name; })) {
    return Error{ErrorCode::usage,
                 "there is a token of that name already: rondom token revoke " + std::string(name)};
  }
  if (tokens.size() >= tokens_max) {
    return Error{ErrorCode::usage, "there are " + std::to_string(tokens_max) +
                                       " tokens already: revoke what nobody uses"};
  }
  std::array<std::uint8_t, token_bytes> secret{};
  random.fill(secret);
  const std::string token =
      token_prefix + net::base64_url({reinterpret_cast<const char*>(secret.data()), secret.size()});
  tokens.push_back({std::string(name), sha256_hex(token), std::move(scopes), now, expires_at});
  RONDOM_TRY(write_tokens(file_, tokens));
  return token;
}

Result<std::vector<Token>> Tokens::list() const {
  return read_tokens(file_);
}

Status Tokens::revoke(std::string_view name) {
  const OneAtATime alone(file_);
  if (!alone.held()) return cannot_be_written(file_);
  RONDOM_TRY_ASSIGN(std::vector<Token> tokens, read_tokens(file_));
  if (std::erase_if(tokens, [&](const Token& one) { return one.name == name; }) == 0) {
    return {ErrorCode::usage, "there is no token of that name; rondom token list shows them"};
  }
  return write_tokens(file_, tokens);
}

Result<std::optional<Token>> Tokens::allowed(std::string_view shown, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (std::string version = version_of(file_); version != version_) {
    RONDOM_TRY_ASSIGN(known_, read_tokens(file_));
    version_ = std::move(version);
  }
  const std::string hash = sha256_hex(shown);
  std::optional<Token> found;
  // All of them, whichever it is: how long it takes says nothing.
  for (const Token& one : known_) {
    const bool same = one.hash.size() == hash.size() &&
                      CRYPTO_memcmp(one.hash.data(), hash.data(), hash.size()) == 0;
    if (same && (!one.expires_at.has_value() || now < *one.expires_at)) found = one;
  }
  return found;
}

}  // namespace rondom::service
