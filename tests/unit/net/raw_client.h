// RawClient: a client that sends what no client should, to a server of this process.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/text.h"

namespace rondom::test {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
    connect(reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  bool connected() const { return connected_; }
  bool send(const std::string& bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  int descriptor() const { return socket_; }

  /// Status of the next answer, whose parts are in `head` and `body`; 0: the connection ended
  /// before.
  int answer(bool without_body = false) {
    head.clear();
    body.clear();
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return 0;
    }
    head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    const std::string length = header("content-length");
    if (!length.empty() && !without_body) {
      while (received_.size() < std::stoul(length)) {
        if (!receive()) return 0;
      }
      body = received_.substr(0, std::stoul(length));
      received_.erase(0, body.size());
    }
    return std::stoi(head.substr(9, 3));
  }
  std::string header(const std::string& name) const {
    const std::string low = lower_ascii(head);
    const std::size_t at = low.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  /// Whether that comes before the end of the connection; it stays for what reads next.
  bool says(const std::string& text) {
    while (received_.find(text) == std::string::npos) {
      if (!receive()) return false;
    }
    return true;
  }
  /// Everything up to the end of the connection.
  std::string rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  std::string head, body;

 private:
  void connect(const sockaddr* to, socklen_t size) {
    // A test that waits in vain fails instead of standing still.
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_, to, size) == 0;
  }
  bool receive() {
    char piece[16 << 10];
    ssize_t n = -1;
    do {
      n = ::recv(socket_, piece, sizeof piece, 0);
    } while (n < 0 && errno == EINTR);  // a child of the test has ended
    if (n <= 0) return false;
    received_.append(piece, static_cast<std::size_t>(n));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

}  // namespace rondom::test
