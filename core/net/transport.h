// Transport: one exchange on the wire, without any policy. curl_transport.h has the real one; tests
// have one in memory.
//
// exchange() may be called from several threads at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/exchange.h"
#include "net/interrupt.h"

namespace rondom::net {

/// Bounds of one exchange. All finite: nothing waits for ever.
struct TransportLimits {
  std::int64_t connect_ms = 20'000;
  std::int64_t total_ms = 4ll * 60 * 60 * 1'000;  // time that the sink or body takes not counted
  std::int64_t stall_ms = 120'000;                // no byte in either direction for so long
  std::int64_t slow_window_ms = 60'000;           // of a reply that has begun: a window with less
  std::int64_t slow_bytes_min = 1'024;            // than so many bytes is too slow
  std::size_t header_bytes_max = 256u << 10;
  std::int64_t body_bytes_max = 16ll << 30;  // after decompression
};

struct WireRequest {
  std::string method;
  std::string url;  // absolute
  std::vector<Header> headers;
  BodySource* body = nullptr;  // nullptr = none
  bool idempotent = false;     // a connection that dies under it may be replaced silently
  TransportLimits limits;
};

/// What became of it. `what` is a sentence part without addresses: "the connection was refused".
struct Outcome {
  enum class Kind : std::uint8_t {
    complete,      // head and the whole body were delivered
    not_sent,      // certainly nothing of the request was acted upon
    lost,          // the request may have been acted upon
    untrusted,     // the certificate is none for this host
    too_large,     // more headers or body than the limits allow
    stopped,       // the sink or the body source said so
    interrupted,   // by the Interrupt
    unanswerable,  // of a transport that is no wire: it has no answer (tape_transport.h)
  };
  Kind kind = Kind::complete;
  std::string what;
  bool nobody_there = false;  // not_sent: no such host, or no server at its port
};

/// Takes what arrives; false = enough, end the exchange.
class WireSink {
 public:
  virtual ~WireSink() = default;
  virtual bool head(std::uint32_t status, std::vector<Header> headers) = 0;
  virtual bool body(std::string_view bytes) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) = 0;
};

}  // namespace rondom::net
