// HTTP as a connector uses it: build a request, send it through the host, read the reply.
//
//   auto reply = context.fetch(rondom::HttpRequest::get("/api/contacts").query("limit", 100));
//   if (!reply.ok()) return reply.error();                 // 401 -> auth, 429 -> rate_limited ...
//   auto json = reply->json();
//
// The host adds authentication, waits for the rate budget, retries what may be retried, follows
// redirects of the same host, decompresses, and refuses hosts that the Spec does not declare.
// Addresses are absolute, or a path at the base address of the Spec. Plain values, no thread rules.
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "context.hpp"
#include "json.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// Largest body that is collected in memory; larger ones are streamed (Context::http_stream).
inline constexpr std::size_t http_collected_bytes_max = 64u << 20;

struct HttpHeader {
  std::string name;
  std::string value;
};

namespace detail {
/// Percent-encodes all but the unreserved characters of RFC 3986.
inline void append_encoded(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}
template <typename Value>
std::string query_text(const Value& value) {
  if constexpr (std::is_same_v<Value, bool>)
    return value ? "true" : "false";
  else if constexpr (std::is_integral_v<Value>)
    return std::to_string(value);
  else
    return std::string(std::string_view(value));
}
inline bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[i]))) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

/// One part of a path or query, percent-encoded: "/contacts/" + http_encoded(id).
inline std::string http_encoded(std::string_view text) {
  std::string out;
  detail::append_encoded(out, text);
  return out;
}

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<HttpHeader> headers = {};
  std::string body = {};
  std::uint64_t timeout_ms = 0;  // for everything; 0 = the host's default
  bool idempotent = false;       // a POST or PATCH that may arrive twice without harm
  /// Streams the body instead of `body`: fills at most `capacity` bytes, returns how many, 0 = end.
  /// Such a request is not repeated once it was read from.
  std::function<Result<std::size_t>(char* into, std::size_t capacity)> read_body = {};

  static HttpRequest of(std::string method, std::string url) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    return request;
  }
  static HttpRequest get(std::string url) { return of("GET", std::move(url)); }
  static HttpRequest post(std::string url) { return of("POST", std::move(url)); }
  static HttpRequest put(std::string url) { return of("PUT", std::move(url)); }
  static HttpRequest patch(std::string url) { return of("PATCH", std::move(url)); }
  static HttpRequest remove(std::string url) { return of("DELETE", std::move(url)); }

  HttpRequest& header(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
  /// Adds "name=value" to the address, both percent-encoded. Text, whole number or bool.
  template <typename Value>
  HttpRequest& query(std::string_view name, const Value& value) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    detail::append_encoded(url, name);
    url += '=';
    detail::append_encoded(url, detail::query_text(value));
    return *this;
  }
  HttpRequest& content(std::string type, std::string bytes) {
    header("Content-Type", std::move(type));
    body = std::move(bytes);
    return *this;
  }
  HttpRequest& json(std::string text) { return content("application/json", std::move(text)); }
  HttpRequest& json(const Json& document) { return json(document.to_text()); }
  HttpRequest& may_repeat() {
    idempotent = true;
    return *this;
  }
  HttpRequest& timeout(std::uint64_t milliseconds) {
    timeout_ms = milliseconds;
    return *this;
  }
};

struct HttpReply {
  std::uint32_t status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  /// Value of the first header of that name (case ignored); empty when there is none.
  std::string_view header(std::string_view name) const {
    for (const HttpHeader& h : headers) {
      if (detail::same_name(h.name, name)) return h.value;
    }
    return {};
  }
  /// The body as JSON; Code::data when it is none.
  Result<Json> json() const {
    Result<Json> parsed = parse_json(body);
    if (parsed.ok()) return parsed;
    return Failure{Code::data, "The server answered with no JSON: " + parsed.error().message};
  }
};

namespace detail {

inline constexpr std::size_t vendor_text_bytes_max = 240;

/// The sentence in which APIs say what was wrong, where most of them put it.
inline std::string vendor_text(const Json& json, int depth = 0) {
  if (json.is_text()) return json.as_text();
  if (depth > 3) return {};
  if (json.is_list()) return json.items().empty() ? "" : vendor_text(json.items()[0], depth + 1);
  for (const char* name : {"error_description", "message", "detail", "title", "error", "errors"}) {
    const Json* found = json.find(name);
    if (found == nullptr) continue;
    std::string text = vendor_text(*found, depth + 1);
    if (!text.empty()) return text;
  }
  return {};
}

/// Words that may be personal (addresses, numbers of five digits and more) are left out, as the
/// text goes into messages.
inline std::string without_personal(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size() && out.size() < vendor_text_bytes_max) {
    if (static_cast<unsigned char>(text[at]) <= ' ') {
      if (!out.empty() && out.back() != ' ') out += ' ';
      ++at;
      continue;
    }
    std::size_t end = at;
    std::size_t digits = 0;
    bool address = false;
    for (; end < text.size() && static_cast<unsigned char>(text[end]) > ' '; ++end) {
      digits += text[end] >= '0' && text[end] <= '9' ? 1 : 0;
      address = address || text[end] == '@' || text[end] == '%';
    }
    const std::string_view word = text.substr(at, end - at);
    out += address || digits >= 5 || word.size() > 60 ? std::string_view("…") : word;
    at = end;
  }
  return out;
}

}  // namespace detail

namespace detail {

/// A refusal that says when to come again is about the moment, not about the record; waiting mends
/// no credentials, though.
inline Code code_of(std::uint32_t status, bool told_to_wait) {
  if (status == 401) return Code::auth;
  if (status == 429) return Code::rate_limited;
  const bool passing = status == 408 || status == 423 || status == 425 || status >= 500;
  if (passing || (status >= 400 && told_to_wait)) return Code::transient;
  return status == 403 ? Code::auth : Code::data;
}

}  // namespace detail

/// What the reply means for the run: 401, 403 -> auth; 429 -> rate_limited; 408, 423, 425, 5xx, and
/// any other 4xx but 401 that bears Retry-After -> transient; everything else that is not 2xx ->
/// data. Quotes the vendor's error message, without what may be personal.
inline Failure http_failure(const HttpReply& reply) {
  Failure failure;
  const std::string_view wait = reply.header("Retry-After");
  failure.code = detail::code_of(reply.status, !wait.empty());
  failure.message = "The server answered with status " + std::to_string(reply.status);
  std::string said;
  if (const Result<Json> json = parse_json(reply.body); json.ok()) {
    said = detail::without_personal(detail::vendor_text(*json));
  }
  failure.message += said.empty() ? "." : ": " + said;
  std::uint64_t seconds = 0;
  for (const char c : wait) {
    if (c < '0' || c > '9' || seconds > 86'400) {
      seconds = 0;
      break;
    }
    seconds = seconds * 10 + static_cast<std::uint64_t>(c - '0');
  }
  failure.retry_after_ms = seconds * 1'000;
  return failure;
}

/// Nothing was changed at the server: it refused the request before doing anything. With any other
/// failure of a POST or PATCH the operation's fate is unknown (WriteResults::unknown).
inline bool http_not_applied(const HttpReply& reply) {
  return (reply.status >= 300 && reply.status < 500 && reply.status != 408) ||
         (reply.status == 503 && !reply.header("Retry-After").empty());
}

namespace detail {

/// Takes a reply; exceptions must not reach the host, so they end the transfer.
struct HttpReplySink {
  HttpReply reply;
  const std::function<Status(std::string_view)>* stream = nullptr;
  Status stopped;

  static rondom_code head(void* ctx, std::uint32_t status, const rondom_field* headers,
                          std::uint32_t count) noexcept {
    try {
      HttpReply& reply = static_cast<HttpReplySink*>(ctx)->reply;
      reply.status = status;
      for (std::uint32_t i = 0; i < count; ++i) {
        reply.headers.push_back(
            {std::string(from_abi(headers[i].name)), std::string(from_abi(headers[i].value))});
      }
      return RONDOM_OK;
    } catch (...) {
      return RONDOM_E_INTERNAL;
    }
  }
  static rondom_code body(void* ctx, rondom_str bytes) noexcept {
    auto& self = *static_cast<HttpReplySink*>(ctx);
    try {
      if (self.stream != nullptr && self.reply.ok()) {
        self.stopped = (*self.stream)(from_abi(bytes));
      } else if (bytes.size > http_collected_bytes_max - self.reply.body.size()) {
        self.stopped = Status(Code::data, "The reply is larger than 64 MiB.");
      } else {
        self.reply.body += from_abi(bytes);
      }
      return static_cast<rondom_code>(self.stopped.code());
    } catch (...) {
      return RONDOM_E_INTERNAL;
    }
  }
};

struct HttpBodySource {
  const HttpRequest& request;
  Status stopped;
  static rondom_code read(void* ctx, char* into, std::uint64_t capacity,
                          std::uint64_t* written) noexcept {
    auto& self = *static_cast<HttpBodySource*>(ctx);
    try {
      const Result<std::size_t> got =
          self.request.read_body(into, static_cast<std::size_t>(capacity));
      if (!got.ok()) {
        self.stopped = got.status();
        return static_cast<rondom_code>(self.stopped.code());
      }
      *written = *got;
      return RONDOM_OK;
    } catch (...) {
      return RONDOM_E_INTERNAL;
    }
  }
};

}  // namespace detail

inline Result<HttpReply> Context::exchange(
    const HttpRequest& request, const std::function<Status(std::string_view)>* stream) const {
  const auto call = slot(&rondom_host::http, offsetof(rondom_host, http));
  if (call == nullptr) return Failure{Code::unsupported, "This host has no HTTP client."};
  std::vector<rondom_field> headers;
  for (const HttpHeader& h : request.headers) {
    headers.push_back({detail::to_abi(h.name), detail::to_abi(h.value)});
  }
  rondom_http_request abi{};
  abi.struct_size = sizeof abi;
  abi.header_count = static_cast<std::uint32_t>(headers.size());
  abi.headers = headers.data();
  abi.method = detail::to_abi(request.method);
  abi.url = detail::to_abi(request.url);
  abi.body = detail::to_abi(request.body);
  abi.timeout_ms = request.timeout_ms;
  abi.flags = request.idempotent ? RONDOM_HTTP_IDEMPOTENT : 0;
  detail::HttpBodySource source{request, {}};
  if (request.read_body) {
    abi.body_ctx = &source;
    abi.read_body = &detail::HttpBodySource::read;
  }
  detail::HttpReplySink sink;
  sink.stream = stream;
  rondom_http_reply reply{};
  reply.struct_size = sizeof reply;
  reply.ctx = &sink;
  reply.head = &detail::HttpReplySink::head;
  reply.body = &detail::HttpReplySink::body;
  detail::ErrorSink error;
  const rondom_code code = call(host_->ctx, &abi, &reply, error.abi());
  if (!sink.stopped.ok()) return sink.stopped;
  if (!source.stopped.ok()) return source.stopped;
  if (code != RONDOM_OK) return error.failure(code);
  return std::move(sink.reply);
}

inline Result<HttpReply> Context::http(const HttpRequest& request) const {
  return exchange(request, nullptr);
}

inline Result<HttpReply> Context::fetch(const HttpRequest& request) const {
  Result<HttpReply> reply = exchange(request, nullptr);
  if (reply.ok() && !reply->ok()) return http_failure(*reply);
  return reply;
}

inline Result<HttpReply> Context::http_stream(
    const HttpRequest& request, const std::function<Status(std::string_view)>& body) const {
  return exchange(request, &body);
}

}  // namespace sdk_v1
}  // namespace rondom
