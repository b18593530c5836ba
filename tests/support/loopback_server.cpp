#include "support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace rondom::test {
namespace {

constexpr std::size_t kept_body_bytes_max = 1u << 20;

bool receive(int socket, std::string& pending) {
  char buffer[64 * 1024];
  const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  pending.append(buffer, static_cast<std::size_t>(got));
  return true;
}

/// Takes `count` bytes off the front into the request's body.
bool take_body(int socket, std::string& pending, std::uint64_t count, ServerRequest& request) {
  while (count > 0) {
    if (pending.empty() && !receive(socket, pending)) return false;
    const std::size_t part =
        static_cast<std::size_t>(std::min<std::uint64_t>(count, pending.size()));
    if (request.body.size() < kept_body_bytes_max) request.body.append(pending, 0, part);
    request.body_bytes += part;
    pending.erase(0, part);
    count -= part;
  }
  return true;
}

bool take_line(int socket, std::string& pending, std::string& line) {
  std::size_t end = 0;
  while ((end = pending.find("\r\n")) == std::string::npos) {
    if (!receive(socket, pending)) return false;
  }
  line = pending.substr(0, end);
  pending.erase(0, end + 2);
  return true;
}

}  // namespace

bool LoopbackServer::Peer::raw(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t part = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += static_cast<std::size_t>(part);
  }
  return true;
}

bool LoopbackServer::Peer::reply(int status, const std::string& body,
                                 const std::vector<std::string>& header_lines) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
  for (const std::string& line : header_lines) text += line + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return raw(text);
}

void LoopbackServer::Peer::wait_for_end() {
  std::string ignored;
  while (receive(socket_, ignored)) ignored.clear();
}

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
}

std::vector<ServerRequest> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> LoopbackServer::log() const {
  std::vector<std::string> lines;
  for (const ServerRequest& request : requests()) {
    lines.push_back(request.method + " " + request.target);
  }
  return lines;
}

void LoopbackServer::accept_all() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket, number = sockets_.size()] { serve(socket, number); });
  }
}

void LoopbackServer::serve(int socket, std::size_t number) {
  std::string pending;
  while (true) {
    ServerRequest request;
    request.connection = number;
    if (!read_request(socket, pending, request)) break;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    Peer peer(socket);
    handler_(request, peer);
    if (peer.closed()) break;
  }
  ::shutdown(socket, SHUT_RDWR);
}

bool LoopbackServer::read_request(int socket, std::string& pending, ServerRequest& request) {
  std::string line;
  if (!take_line(socket, pending, line)) return false;
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string::npos) return false;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, second - first - 1);
  while (take_line(socket, pending, line) && !line.empty()) {
    const std::size_t colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    request.headers[name] = value == std::string::npos ? "" : line.substr(value);
  }
  if (request.headers.count("content-length") != 0) {
    return take_body(socket, pending, std::stoull(request.headers["content-length"]), request);
  }
  if (request.headers["transfer-encoding"] != "chunked") return true;
  while (take_line(socket, pending, line)) {
    const std::uint64_t size = std::stoull(line, nullptr, 16);
    if (!take_body(socket, pending, size, request)) return false;
    if (!take_line(socket, pending, line)) return false;
    if (size == 0) return true;
  }
  return false;
}

}  // namespace rondom::test
