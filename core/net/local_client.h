// local_client: asks a program of this machine over HTTP at a Unix socket. For the verbs, which ask
// the service. Any thread; each call has a connection of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace rondom::net {

/// A reply that is kept whole is no larger.
inline constexpr std::size_t local_reply_bytes_max = 16u << 20;

struct LocalRequest {
  std::string socket;  // path
  std::string method = "GET";
  std::string path;             // "/livez"
  std::string body;             // JSON; empty = none
  std::int64_t timeout_ms = 0;  // of all of it; 0 = as long as it takes
};

struct LocalReply {
  int status = 0;
  std::string body;  // empty when pieces were asked for
};

/// `piece`: gets what comes as it comes, in place of LocalReply::body; false ends it
/// (ErrorCode::cancelled). When `cancel` is requested, the service is told that nothing more comes,
/// by which it stops a command, and its last words still arrive. ErrorCode::unavailable: nobody
/// listens there; not_permitted: the socket's mode is against it; transient: it began and did not
/// end, or took too long.
Result<LocalReply> ask_local(const LocalRequest& request,
                             const std::function<bool(std::string_view)>& piece = {},
                             const Cancel* cancel = nullptr);

}  // namespace rondom::net
