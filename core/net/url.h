// url: absolute http(s) addresses and where they may point (RFC 3986, as libcurl reads it).
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace rondom::net {

inline constexpr std::size_t url_bytes_max = 16u << 10;

struct Url {
  std::string scheme;  // http | https
  std::string host;    // lower case; an IPv6 address has its brackets
  std::uint16_t port = 0;
  std::string path = "/";
  std::string query;  // without '?'

  std::string text() const;
  /// Scheme, host and port are the same.
  bool same_origin(const Url& other) const;
  bool has_default_port() const { return port == (scheme == "https" ? 443 : 80); }
};

/// Refuses other schemes, user info, control characters and what is too long; drops a fragment. The
/// sentence does not repeat the address, which may hold personal data.
Result<Url> parse_url(std::string_view text);
/// An absolute address, or a path that is put behind that of `base` (empty = there is none).
Result<Url> resolve_at_base(std::string_view base, std::string_view given);
/// RFC 3986 section 5: what a Location header means.
Result<Url> resolve_reference(const Url& base, std::string_view reference);

/// Adds "name=value", percent-encoded.
void add_query(Url& url, std::string_view name, std::string_view value);
/// Percent-encodes everything but RFC 3986's unreserved characters.
std::string percent_encoded(std::string_view text);

/// 127.0.0.0/8, ::1 or localhost, as written; nothing is looked up.
bool is_loopback(const Url& url);

/// A host that requests may go to.
struct HostRule {
  std::string pattern;     // "api.example.com", or "*.example.com": at least one label more
  std::uint16_t port = 0;  // 0 = the scheme's own
  bool admits(const Url& url) const;
};

/// Is there a rule for it, and is it encrypted or near? NOT_PERMITTED with a sentence otherwise.
Status check_target(const Url& url, std::span<const HostRule> rules, bool plain_http_allowed);

}  // namespace rondom::net
