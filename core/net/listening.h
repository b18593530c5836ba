// listening: sockets that wait for connections. What a program of POSIX does before any library
// takes over. Any thread; the caller owns the descriptor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "net/http_message.h"

namespace rondom::net {

inline constexpr int waiting_connections_max = 128;  // what the kernel holds before accept

/// A socket file with that mode from the moment on that it can be connected to. One that nobody
/// listens at any more is replaced; where somebody does: ErrorCode::busy. A file that is no socket
/// is left alone.
Result<int> listen_at_path(const std::string& path, mode_t mode);
/// `address` as "127.0.0.1", "::1"; port 0 = any that is free.
Result<int> listen_at_address(const std::string& address, std::uint16_t port);
/// Of a socket of listen_at_address.
std::uint16_t port_of(int socket);

/// The next connection that waits, not blocking and not inherited, or -1 with errno.
int accept_from(int socket, Peer& peer);

/// Whether somebody listens there and we may talk to them. ok; ErrorCode::unavailable: nobody;
/// ErrorCode::not_permitted: the file's mode is against it.
Status somebody_listens(const std::string& path);

}  // namespace rondom::net
