// redact: what may be said of requests and replies in logs and errors. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/url.h"

namespace rondom::net {

/// "GET api.example.com": no path and no query, as those hold keys of people and tokens.
std::string describe(std::string_view method, const Url& url);

/// May this header's value be shown? Not Authorization, cookies, keys and tokens.
bool is_sensitive_header(std::string_view name);

/// Takes known secrets out of text of other origin, also in their base64, percent-encoded and JSON
/// forms, and each long line of those that have several: logs are written line by line.
class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(std::vector<std::string> secrets);
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;
  /// One more, such as a token that was obtained on the way. Of many the oldest are forgotten.
  void learn(std::string_view secret);
  std::string operator()(std::string_view text) const;

 private:
  void add_forms(std::string_view secret, std::vector<std::string>& forms) const;

  std::vector<std::string> forms_;    // longest first
  mutable std::mutex mutex_;          // guards what follows
  std::vector<std::string> learned_;  // secrets, oldest first
  std::vector<std::string> learned_forms_;
};

/// RFC 4648 base64 with padding, or the URL alphabet without.
std::string base64(std::string_view bytes);
std::string base64_url(std::string_view bytes);
/// Back from base64 with padding; no value when it is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace rondom::net
