#include "net/listening.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace rondom::net {
namespace {

class OpenSocket {
 public:
  explicit OpenSocket(int number) : number_(number) {}
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;
  ~OpenSocket() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() {
    const int number = number_;
    number_ = -1;
    return number;
  }

 private:
  int number_;
};

Error cannot_listen(const std::string& where, int reason) {
  return {reason == EACCES || reason == EPERM ? ErrorCode::not_permitted : ErrorCode::unavailable,
          "cannot listen at " + where + ": " + std::generic_category().message(reason)};
}

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{ErrorCode::bad_config, path + " is too long for a socket, which may have " +
                                            std::to_string(sizeof address.sun_path - 1) +
                                            " bytes: serve: { socket: PATH } puts it elsewhere"};
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int connect_to(const sockaddr_un& address) {
  const OpenSocket probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return errno;
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return 0;
  }
  return errno;
}

/// Takes a socket file away that nobody listens at.
Status make_room(const std::string& path, const sockaddr_un& address) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return {};
  if (!S_ISSOCK(there.st_mode)) {
    return {ErrorCode::bad_config, path + " is there and no socket; it is left alone"};
  }
  // EAGAIN: somebody is there whose queue is full.
  const int reason = connect_to(address);
  if (reason == 0 || reason == EAGAIN) {
    return {ErrorCode::busy, "somebody listens at " + path + " already"};
  }
  if (reason != ECONNREFUSED) return cannot_listen(path, reason);
  ::unlink(path.c_str());
  return {};
}

std::string text_of(const sockaddr_storage& from, socklen_t size) {
  char host[NI_MAXHOST] = {};
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host, sizeof host, nullptr, 0,
                    NI_NUMERICHOST) != 0) {
    return {};
  }
  return host;
}

}  // namespace

Result<int> listen_at_path(const std::string& path, mode_t mode) {
  RONDOM_TRY_ASSIGN(const sockaddr_un address, unix_address(path));
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  RONDOM_TRY(make_room(path, address));
  OpenSocket listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Nobody can connect before listen(), so the mode is in force for everybody.
  if (listening.get() < 0 ||
      ::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), mode) != 0 || ::listen(listening.get(), waiting_connections_max) != 0) {
    return cannot_listen(path, errno);
  }
  return listening.release();
}

Result<int> listen_at_address(const std::string& address, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string where = address + ":" + std::to_string(port);
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
    return Error{ErrorCode::bad_config, "cannot listen at " + where + ": it is no IP address"};
  }
  OpenSocket listening(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const bool listens =
      listening.get() >= 0 &&
      ::setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::bind(listening.get(), found->ai_addr, found->ai_addrlen) == 0 &&
      ::listen(listening.get(), waiting_connections_max) == 0;
  const int reason = errno;
  ::freeaddrinfo(found);
  if (!listens) return cannot_listen(where, reason);
  return listening.release();
}

std::uint16_t port_of(int socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(own).sin_port);
}

int accept_from(int socket, Peer& peer) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int number =
      ::accept4(socket, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (number < 0) return -1;
  peer = Peer{};
  if (from.ss_family == AF_UNIX) {
    peer.local = true;
    ucred who{};
    socklen_t who_size = sizeof who;
    if (::getsockopt(number, SOL_SOCKET, SO_PEERCRED, &who, &who_size) == 0) {
      peer.user = who.uid;
      peer.process = who.pid;
    }
  } else {
    peer.address = text_of(from, size);
    const int on = 1;
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return number;
}

Status somebody_listens(const std::string& path) {
  const auto address = unix_address(path);
  if (!address.ok()) return {ErrorCode::unavailable, address.error().message};
  const int reason = connect_to(*address);
  if (reason == 0 || reason == EAGAIN) return {};
  if (reason == EACCES || reason == EPERM) {
    return {ErrorCode::not_permitted, "the service listens at " + path +
                                          ", which you may not use: ask to be in the file's group"};
  }
  return {ErrorCode::unavailable, "nobody listens at " + path};
}

}  // namespace rondom::net
