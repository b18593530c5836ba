#include "service/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace rondom::service {
namespace {

constexpr std::size_t status_bytes_max = 400;

std::int64_t number_in(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (!text) return 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? value : 0;
}

/// A line of the manager's: no line ends in it.
std::string status_line(std::string_view text) {
  std::string line = "STATUS=" + std::string(text.substr(0, status_bytes_max));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace

Notifier::Notifier(const Environment& environment, pid_t process) {
  const std::string path = environment("NOTIFY_SOCKET").value_or("");
  const bool is_address = !path.empty() && (path.front() == '/' || path.front() == '@');
  if (!is_address || path.size() >= sizeof(sockaddr_un::sun_path)) return;
  path_ = path;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const std::optional<std::string> meant = environment("WATCHDOG_PID");
  if (!meant || number_in(meant) == process) {
    watchdog_ = std::max<std::int64_t>(number_in(environment("WATCHDOG_USEC")), 0);
  }
}

Notifier::~Notifier() {
  if (socket_ >= 0) ::close(socket_);
}

void Notifier::send(const std::string& message) const {
  if (socket_ < 0) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  (void)!::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address), size);
}

void Notifier::ready(std::string_view text) const {
  send("READY=1\n" + status_line(text));
}

void Notifier::reloading(std::int64_t monotonic) const {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic));
}

void Notifier::stopping(std::string_view text) const {
  send("STOPPING=1\n" + status_line(text));
}

void Notifier::status(std::string_view text) const {
  send(status_line(text));
}

void Notifier::alive() const {
  send("WATCHDOG=1");
}

void Notifier::extend(std::int64_t microseconds) const {
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(microseconds));
}

}  // namespace rondom::service
