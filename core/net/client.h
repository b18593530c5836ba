// HttpClient: the requests of one connection, with its hosts, credentials, rate and retries.
//
// send() may be called from any thread, by several at a time; it blocks until the reply is
// delivered. The client borrows its ports, which must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/authenticator.h"
#include "net/budget.h"
#include "net/credentials.h"
#include "net/exchange.h"
#include "net/retry.h"
#include "net/transport.h"
#include "net/url.h"

namespace rondom::net {

struct Progress;  // relay.h

inline constexpr int redirects_max = 5;

struct ClientOptions {
  std::string base_url;  // may be empty
  std::vector<HostRule> hosts;
  bool allow_plain_http = false;
  Credentials credentials;
  BudgetLimits budget;
  RetryPolicy retry;
  TransportLimits limits;
  std::string proxy;    // of the transport: empty = the environment's
  std::string ca_file;  // of the transport: empty = the system's certificates
};

struct ClientPorts {
  Transport* transport = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  Sleeper* sleeper = nullptr;
  TokenStore* tokens = nullptr;  // may be nullptr
  std::function<void(std::string_view level, std::string_view message)> log;
};

class HttpClient {
 public:
  HttpClient(ClientOptions options, ClientPorts ports);

  /// Ok for every status that is not retried away. Codes of failures: not_permitted (an undeclared
  /// host, a header that is ours, a redirect elsewhere, an untrusted certificate), auth (no token
  /// to be had), rate_limited and transient (certainly not applied, or harmless to repeat),
  /// unavailable (the answer was lost and it may have been applied), data (too large, too long a
  /// header), cancelled, and whatever the sink or the body source said.
  Status send(const Request& request, ReplySink& sink, Interrupt& interrupt);

  /// A text of other origin, such as a connector's log, without what requests are signed with: the
  /// credentials, and every token that was obtained with them.
  std::string without_secrets(std::string_view text) const { return redact_(text); }

 private:
  Result<Token> fetch_token(const std::string& form, bool repeatable, Interrupt& interrupt);
  Status run(const Request& request, Url target, bool signed_by_us, ReplySink& sink,
             Interrupt& interrupt);
  /// Before the next attempt; `everybody` else of the connection waits too.
  Status wait(Progress& progress, std::int64_t milliseconds, bool everybody, const std::string& why,
              Interrupt& interrupt);
  Status move_to(const std::string& instance, Url& address) const;
  Status follow(Progress& progress, std::string_view location, Url& target) const;
  Status refusal(const Progress& progress) const;
  Status failure(const std::string& subject, const Outcome& outcome, bool repeatable) const;
  double chance();
  void log(std::string_view level, const std::string& message) const;

  ClientOptions options_;
  ClientPorts ports_;
  Redactor redact_;
  Budget budget_;
  Authenticator authenticator_;
  std::mutex random_mutex_;
};

}  // namespace rondom::net
