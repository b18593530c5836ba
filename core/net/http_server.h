// http_server: HTTP/1.1 for those who ask us. Only its own files (http_core, http_session,
// http_reply, http_wire) know the library (Boost.Beast, Asio) that reads requests; everybody else
// sees requests and answers as plain data (http_message.h).
//
// One thread moves bytes, a few workers run the handler, so that a slow answer holds up nobody.
// Every limit is in HttpLimits; who sends too much, too slowly, or something that two servers could
// understand differently is told so and closed. Threads: listen(), stop() and the destructor from
// one thread, the rest from any.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_message.h"

namespace rondom::net {

struct HttpLimits {
  std::size_t header_bytes_max = 8u << 10;
  std::size_t body_bytes_max = 1u << 20;
  std::size_t connections_max = 256;       // at each listener; the longest idle one makes room
  std::size_t waiting_requests_max = 256;  // for a worker; more: 503
  std::size_t workers = 12;
  std::size_t peers_max = 1'024;  // whose rate is known
  std::size_t unsent_bytes_max = 256u
                                 << 10;  // of an answer in pieces, before its maker has to wait
  std::int64_t header_ms = 10'000;       // from the first byte, or from the connection
  std::int64_t body_ms = 30'000;
  std::int64_t idle_ms = 60'000;   // between two requests
  std::int64_t write_ms = 30'000;  // for each write_piece_bytes of an answer
  std::int64_t linger_ms = 2'000;  // for the other side to read why it was refused
};

/// What is written at once, and has to arrive within HttpLimits::write_ms.
inline constexpr std::size_t write_piece_bytes = 64u << 10;

struct HttpListener {
  std::string path;  // of a Unix socket; when empty, an address
  mode_t mode = 0660;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 = any, see HttpServer::port()
  /// PEM files; both or none.
  std::string certificate, key;
  /// Names that this address is known by, lower case. What asks for another name is refused (421).
  std::vector<std::string> names;
  /// 0 = no limit. By address, or by user on a Unix socket. More: 429.
  std::size_t requests_per_second = 0;
};

/// The answer of one request. Only for the thread that runs its handler.
class HttpReply {
 public:
  virtual ~HttpReply() = default;
  /// All of it.
  virtual void send(ServedAnswer answer) = 0;
  /// Or in pieces: begin() with an empty body, any number of write(), end(). write() waits while
  /// too much is unsent; false: nobody reads it any more.
  virtual void begin(ServedAnswer head) = 0;
  virtual bool write(std::string_view piece) = 0;
  virtual void end() = 0;
  /// Nobody can be told any more: the connection broke, or the server is ending.
  virtual bool gone() const = 0;
  /// The other side sends nothing more. It may still read.
  virtual bool peer_closed() const = 0;
};

/// Called by several workers at a time. Has to answer; may take as long as it looks at gone().
using HttpHandler = std::function<void(const ServedRequest&, HttpReply&)>;

struct HttpStatistics {
  std::int64_t connections = 0;  // now
  std::int64_t accepted = 0;
  std::int64_t refused_full = 0;  // no room for the connection, or for the request
  std::int64_t refused_rate = 0;
  std::int64_t refused_bad = 0;  // what is no proper request
  std::int64_t shed = 0;         // too slow: in sending a request, or in reading its answer
};

class HttpServer {
 public:
  /// The clock stamps answers and must live as long.
  HttpServer(HttpLimits limits, const Clock& clock, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// All of them or none; then requests are answered. ErrorCode::busy: somebody listens there
  /// already; bad_config: a certificate or a path that cannot be used; not_permitted, unavailable.
  /// Once.
  Status listen(const std::vector<HttpListener>& listeners);
  /// Of the listener with that number in the list.
  std::uint16_t port(std::size_t listener) const;

  /// Takes no more connections, and closes those without a request. Answers under way have so long
  /// to end; then they are told that nobody is there (HttpReply::gone), and waited for. Again:
  /// nothing.
  void stop(std::int64_t grace_ms);

  HttpStatistics statistics() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::net
