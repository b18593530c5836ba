// `serve` of rondom.yaml
#include <charconv>
#include <optional>

#include "config/readers.h"
#include "config/shape.h"

namespace rondom::config {
namespace {

constexpr std::int64_t concurrency_max = 16;
constexpr std::int64_t shutdown_after_max = 3'600 * microseconds_per_second;
constexpr std::int64_t jitter_max = microseconds_per_day;

void read_span(const Node& serve, const char* key, std::int64_t most, std::int64_t& value,
               Diagnostics& diagnostics) {
  const Node* node = serve.find(key);
  if (node == nullptr || !node->is_scalar()) return;
  const std::optional<std::int64_t> span =
      node->text == "0s" ? std::optional<std::int64_t>(0) : parse_duration(node->text);
  if (!span || *span > most) {
    diagnostics.error(node->at, std::string(key) + " must be a duration up to " +
                                    std::to_string(most / microseconds_per_second) +
                                    "s, such as 30s or 5m");
    return;
  }
  value = *span;
}

/// "host:port" or "[address]:port": where the port begins.
std::size_t colon_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  const std::string_view host = text.substr(0, colon);
  const bool plain = host.find(':') == std::string_view::npos;
  const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
  return plain || bracketed ? colon : std::string_view::npos;
}

bool is_endpoint(std::string_view text) {
  const std::size_t colon = colon_of(text);
  if (colon == std::string_view::npos) return false;
  const std::string_view port = text.substr(colon + 1);
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  return read.ec == std::errc() && read.ptr == port.data() + port.size();
}

bool is_loopback(std::string_view endpoint) {
  const std::string_view host = endpoint.substr(0, colon_of(endpoint));
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

void read_listen(const Node& serve, Serve& own, Diagnostics& diagnostics) {
  const Node* listen = serve.find("listen");
  if (listen == nullptr || !listen->is_scalar()) return;
  own.listen_at = listen->at;
  if (listen->text == "none") {
    own.listen.clear();
  } else if (!is_endpoint(listen->text)) {
    diagnostics.error(listen->at, "listen must be an address and a port, or none",
                      "such as 127.0.0.1:8380 or [::1]:8380");
  } else {
    own.listen = listen->text;
    if (!is_loopback(own.listen) && own.tls_certificate.empty()) {
      diagnostics.error(listen->at, "other machines may reach this address, so it needs serve.tls",
                        "or listen on 127.0.0.1 behind a proxy that encrypts");
    }
  }
}

}  // namespace

void read_serve(const Node& root, Reading& reading) {
  const Node* serve = map_of(root, "serve");
  if (serve == nullptr) return;
  Serve& own = reading.project.serve;
  Diagnostics& diagnostics = reading.diagnostics;
  if (const std::string socket = text_of(*serve, "socket"); !socket.empty()) own.socket = socket;
  if (const Node* tls = map_of(*serve, "tls")) {
    own.tls_certificate = text_of(*tls, "certificate");
    own.tls_key = text_of(*tls, "key");
  }
  read_listen(*serve, own, diagnostics);
  if (const Node* node = serve->find("concurrency");
      node != nullptr && node->is_scalar() && scalar_type(*node) == ScalarType::integer) {
    std::int64_t number = 0;
    const char* const end = node->text.data() + node->text.size();
    if (std::from_chars(node->text.data(), end, number).ptr == end && number >= 1 &&
        number <= concurrency_max) {
      own.concurrency = number;
    } else {
      diagnostics.error(node->at,
                        "concurrency must be between 1 and " + std::to_string(concurrency_max));
    }
  }
  read_span(*serve, "shutdown_after", shutdown_after_max, own.shutdown_after, diagnostics);
  read_span(*serve, "jitter", jitter_max, own.jitter, diagnostics);
  if (text_of(*serve, "catch_up") == "none") own.catch_up = Serve::CatchUp::none;
}

}  // namespace rondom::config
