// redact: what may be said of requests and replies in logs and errors. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/url.h"

namespace rondom::net {

/// "GET api.example.com": no path and no query, as those hold keys of people and tokens.
std::string describe(std::string_view method, const Url& url);

/// May this header's value be shown? Not Authorization, cookies, keys and tokens.
bool is_sensitive_header(std::string_view name);

/// Takes known secrets out of text of other origin, also in their base64 and percent-encoded forms.
class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(const std::vector<std::string>& secrets);
  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> forms_;  // longest first
};

/// RFC 4648 base64 with padding, or the URL alphabet without.
std::string base64(std::string_view bytes);
std::string base64_url(std::string_view bytes);

}  // namespace rondom::net
