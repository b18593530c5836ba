// socket_client: asks a service of this machine over HTTP on its Unix socket.
//
// Any thread; each call has a connection of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace rondom::net {

inline constexpr std::size_t socket_answer_bytes_max = 32u << 20;

struct SocketRequest {
  std::string socket;  // its file
  std::string method = "GET";
  std::string path;  // with query
  std::string body;  // JSON; empty = none
  std::int64_t milliseconds_max = 120'000;
};

struct SocketAnswer {
  int status = 0;
  std::string body;  // what did not go to a sink
};

/// Gets what arrives of an answer 200; false ends it.
using SocketSink = std::function<bool(std::string_view)>;

/// When `cancel` is requested, the service is told that nothing more comes (it stops what it does), and its
/// last words still arrive. ErrorCode::unavailable: nobody listens, or the connection broke; not_permitted:
/// the file's mode is against it; data: more than socket_answer_bytes_max.
Result<SocketAnswer> ask_at_socket(const SocketRequest& request, const Cancel* cancel = nullptr,
                                   const SocketSink& sink = {});

/// RFC 4648 with padding; no value when it is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace rondom::net
