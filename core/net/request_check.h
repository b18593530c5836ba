// request_check: is a request one that may be sent? Pure, any thread.
#pragma once

#include "net/authenticator.h"
#include "net/exchange.h"

namespace rondom::net {

inline constexpr std::size_t method_bytes_max = 20;
inline constexpr std::size_t request_headers_max = 100;
inline constexpr std::size_t request_header_bytes_max = 64u << 10;

/// Refuses what could be read as another request (RFC 9112 section 11), headers that the transport
/// or the authentication writes (not_permitted), and what is too much (data).
Status check_request(const Request& request, const Authenticator& authenticator);

}  // namespace rondom::net
