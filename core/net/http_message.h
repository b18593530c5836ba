// http_message: requests that come in and answers that go out, as http_server.h hands them over,
// and the small parts of HTTP that need no connection. Plain data and pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/exchange.h"

namespace rondom::net {

/// Who is at the other end of a connection.
struct Peer {
  bool local = false;   // over a Unix socket
  std::string address;  // of TCP: "192.0.2.7", "2001:db8::7"
  /// Of a Unix socket, as the kernel says (SO_PEERCRED); -1 where it does not.
  std::int64_t user = -1;
  std::int64_t process = -1;
};

struct ServedRequest {
  std::string method;  // as sent: "GET"
  std::string path;    // as sent, percent-encoded: "/api/v1/jobs"
  std::string query;   // as sent, without "?"
  std::string host;    // what was asked for, without port, lower case; empty: not said (HTTP/1.0)
  std::vector<Header> headers;
  std::string body;
  Peer peer;

  /// The first header of that name, in whatever case; empty when there is none.
  std::string_view header(std::string_view name) const;
};

struct ServedAnswer {
  int status = 200;
  std::string content_type;  // empty: there is no body
  std::string body;
  std::vector<Header> headers;  // besides those that the server writes itself
};

/// "404" -> "Not Found"; "Unknown" for what RFC 9110 and 6585 do not name.
std::string_view reason_phrase(int status);

/// RFC 9457: {"type":"about:blank","title","status","detail"}. `detail` must hold no personal data.
ServedAnswer problem(int status, std::string_view detail, std::vector<Header> headers = {});

/// How a body's length is told.
enum class Framing : std::uint8_t { length, chunked, until_closed };
/// Everything before the body, with the empty line.
std::string answer_head(const ServedAnswer& answer, std::string_view http_date, Framing framing,
                        bool keep_alive);
/// RFC 9110 date: "Thu, 26 Nov 2026 20:34:42 GMT". `at`: microseconds since 1970.
std::string http_date(std::int64_t at);

/// Without percent-encoding; no value for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text);
/// "/jobs/a%2Fb" -> {"jobs", "a/b"}; no value when it does not begin with "/", or cannot be
/// decoded.
std::optional<std::vector<std::string>> path_segments(std::string_view path);
/// In their order, "+" being a space; no value when one cannot be decoded.
std::optional<std::vector<std::pair<std::string, std::string>>> query_parameters(
    std::string_view query);

/// The name of a Host header or authority without its port, lower case, without the brackets of
/// IPv6; no value when it is none.
std::optional<std::string> host_name(std::string_view authority);
/// Whether a page of somebody else could have made a browser ask this by pointing a name of its own
/// at our address: a name that is neither an address, nor localhost, nor one of `own`.
bool may_be_rebound(std::string_view host, const std::vector<std::string>& own);

}  // namespace rondom::net
