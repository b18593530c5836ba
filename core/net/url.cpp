#include "net/url.h"

#include <curl/curl.h>

#include <charconv>
#include <memory>

#include "base/cleanse.h"
#include "base/text.h"

namespace rondom::net {
namespace {

struct FreeHandle {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, FreeHandle>;

std::string part(const Handle& handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Error bad_address(const char* why) {
  return {ErrorCode::bad_config, std::string("An address for HTTP ") + why + "."};
}

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) return false;
  }
  return true;
}

Result<Url> from_handle(const Handle& handle) {
  Url url;
  url.scheme = lower_ascii(part(handle, CURLUPART_SCHEME));
  if (url.scheme != "http" && url.scheme != "https") {
    return bad_address("has to begin with https:// or http://");
  }
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty()) {
    return bad_address("must not hold a user or password");
  }
  url.host = lower_ascii(part(handle, CURLUPART_HOST));
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  url.path = part(handle, CURLUPART_PATH);
  url.query = part(handle, CURLUPART_QUERY);
  if (url.host.empty() || url.port == 0) return bad_address("has no host");
  return url;
}

Result<Url> parse_onto(const Handle& handle, std::string_view text) {
  if (text.size() > url_bytes_max) return bad_address("is too long");
  if (!is_plain(text)) return bad_address("holds a space or control character");
  const std::string terminated(text);
  if (curl_url_set(handle.get(), CURLUPART_URL, terminated.c_str(), 0) != CURLUE_OK) {
    return bad_address("cannot be read");
  }
  return from_handle(handle);
}

bool is_absolute(std::string_view text) {
  return starts_with_ignoring_case(text, "http://") || starts_with_ignoring_case(text, "https://");
}

}  // namespace

std::string Url::text() const {
  std::string out = scheme + "://" + host;
  if (!has_default_port()) out += ":" + std::to_string(port);
  out += path;
  if (!query.empty()) out += "?" + query;
  return out;
}

bool Url::same_origin(const Url& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

Result<Url> parse_url(std::string_view text) {
  if (!is_absolute(text)) return bad_address("has to begin with https:// or http://");
  return parse_onto(Handle(curl_url()), text);
}

Result<Url> resolve_at_base(std::string_view base, std::string_view given) {
  if (is_absolute(given)) return parse_url(given);
  if (base.empty()) return bad_address("has to be absolute, as the connector has no base address");
  if (given.empty() || given[0] != '/' || given.substr(0, 2) == "//") {
    return bad_address("has to be absolute or begin with one slash");
  }
  RONDOM_TRY_ASSIGN(const Url root, parse_url(base));
  Url bare = root;
  bare.query.clear();
  while (!bare.path.empty() && bare.path.back() == '/') bare.path.pop_back();
  return parse_url(bare.text() + std::string(given));
}

Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  const Handle handle(curl_url());
  RONDOM_TRY_ASSIGN(const Url ignored, parse_onto(handle, base.text()));
  (void)ignored;
  return parse_onto(handle, reference);
}

std::string percent_encoded(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

void add_query(Url& url, std::string_view name, std::string_view value) {
  if (!url.query.empty()) url.query += '&';
  std::string encoded = percent_encoded(value);
  const CleansedAtEnd cleansed(encoded);  // it may be a key
  url.query.append(percent_encoded(name)).append("=").append(encoded);
}

bool is_loopback(const Url& url) {
  if (url.host == "localhost" || url.host == "[::1]") return true;
  if (url.host.substr(0, 4) != "127.") return false;
  return url.host.find_first_not_of("0123456789.") == std::string::npos;
}

bool HostRule::admits(const Url& url) const {
  if (port == 0 ? !url.has_default_port() : url.port != port) return false;
  if (pattern.substr(0, 2) != "*.") return url.host == pattern;
  const std::string_view tail = std::string_view(pattern).substr(1);
  return url.host.size() > tail.size() && std::string_view(url.host).ends_with(tail) &&
         url.host[0] != '.';
}

Status check_target(const Url& url, std::span<const HostRule> rules, bool plain_http_allowed) {
  bool admitted = false;
  for (const HostRule& rule : rules) admitted = admitted || rule.admits(url);
  if (!admitted) {
    std::string where = url.host;
    if (!url.has_default_port()) where += ":" + std::to_string(url.port);
    return {ErrorCode::not_permitted,
            "The connector asked for host " + where + ", which it does not declare."};
  }
  if (url.scheme == "http" && !plain_http_allowed && !is_loopback(url)) {
    return {ErrorCode::not_permitted,
            "Host " + url.host +
                " would be reached without encryption; use https, or set allow_plain_http under "
                "network of the connection."};
  }
  return {};
}

}  // namespace rondom::net
