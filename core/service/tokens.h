// tokens: who may ask the service over the network, and for what.
//
// A token is 256 random bits, so that its SHA-256 is enough to know it again: nobody can try them
// all, as they could with a password, and a slow hash would only make every request slow. The file
// holds names, hashes, scopes and times, and never a token. Tokens: one thread at a time, but for
// allowed(), which any thread may call.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::service {

/// What a route asks for. local: only over the Unix socket, whose file's mode decides.
enum class Scope : std::uint8_t { none, read, operate, personal_data, local };
const char* to_text(Scope scope);
std::optional<Scope> scope_of(std::string_view word);  // read | operate | personal-data

inline constexpr std::size_t tokens_max = 1'000;
inline constexpr const char* token_file = "tokens-api.json";  // in the state folder

struct Token {
  std::string name;  // letters, digits, ".", "-" and "_"
  std::string hash;  // lower-case hex of SHA-256
  std::vector<Scope> scopes;
  Timestamp created_at = 0;
  std::optional<Timestamp> expires_at;
};

class Tokens {
 public:
  /// Nothing is read yet. The file is made by the first create(), mode 0600.
  explicit Tokens(std::string file) : file_(std::move(file)) {}

  /// The token itself, which is told once and kept by nobody. ErrorCode::usage: the name is taken
  /// or none.
  Result<std::string> create(std::string_view name, std::vector<Scope> scopes, Timestamp now,
                             std::optional<Timestamp> expires_at, Random& random);
  Result<std::vector<Token>> list() const;
  /// ErrorCode::usage: there is none of that name.
  Status revoke(std::string_view name);

  /// The token that was shown, if it is known and has not expired. What was revoked counts from the
  /// next call on. ErrorCode::unavailable and data: the file cannot be read.
  Result<std::optional<Token>> allowed(std::string_view shown, Timestamp now);

 private:
  std::string file_;
  std::mutex mutex_;  // guards what follows
  std::string version_;
  std::vector<Token> known_;
};

}  // namespace rondom::service
