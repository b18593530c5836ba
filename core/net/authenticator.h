// Authenticator: signs the requests of one connection and gets new tokens when needed, one at a
// time. All functions from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/credentials.h"
#include "net/exchange.h"
#include "net/interrupt.h"
#include "net/url.h"

namespace rondom::net {

/// Keeps the refresh token that replaced the configured one. save() is durable on return.
class TokenStore {
 public:
  /// As long as it lives, nobody else loads or saves.
  class Hold {
   public:
    virtual ~Hold() = default;
  };

  virtual ~TokenStore() = default;
  /// Waits for others, other processes too, that are between load() and save(): a token that is
  /// used up by its use must not be used by two.
  virtual Result<std::unique_ptr<Hold>> hold(Interrupt& interrupt) = 0;
  virtual Result<std::optional<std::string>> load() = 0;
  virtual Status save(std::string_view refresh_token) = 0;
};

class Authenticator {
 public:
  /// Sends one token request: form and whether it may be repeated.
  using Fetch = std::function<Result<Token>(const std::string& form, bool repeatable, Interrupt&)>;

  /// `store` may be nullptr: then a rotated refresh token is an error, as it would be lost.
  Authenticator(const Credentials& credentials, const Clock& clock, TokenStore* store, Fetch fetch);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  struct Signature {
    Signature() = default;
    Signature(Signature&&) = default;
    Signature& operator=(Signature&&) = default;
    ~Signature() {
      for (Header& header : headers) cleanse(header.value);
    }
    std::vector<Header> headers;
    std::uint64_t generation = 0;  // of the token used
    std::string instance;          // address that bare paths go to; empty = the base address
  };
  /// What every form ends with, encoded; empty when the key goes elsewhere.
  std::string form_field() const;
  /// Headers for one request, and its address when the key goes there.
  Result<Signature> sign(Url& url, Interrupt& interrupt);
  /// The server refused what sign() gave; true when a new token may help.
  bool refused(std::uint64_t generation);
  /// May the plugin set a header of that name?
  bool owns_header(std::string_view name) const;

 private:
  Result<std::string> token(Interrupt& interrupt, Signature& signature);
  Status renew(Interrupt& interrupt);

  const Credentials credentials_;
  const Clock& clock_;
  TokenStore* store_;
  Fetch fetch_;

  std::mutex mutex_;  // held while a token is fetched: the others wait for it
  std::string access_token_;
  std::string refresh_token_;
  std::string instance_;
  std::uint64_t generation_ = 0;
  std::int64_t good_until_us_ = 0;
};

}  // namespace rondom::net
