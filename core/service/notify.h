// notify: tells the service manager how the service does, one datagram a message. Source:
// sd_notify(3), the environment variables NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
//
// Without a manager everything is said to nobody. Any thread; nothing waits, what cannot be sent at
// once is dropped.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rondom::service {

class Notifier {
 public:
  using Environment = std::function<std::optional<std::string>(const char* name)>;
  /// `process`: this one; a watchdog that is meant for another process is none.
  Notifier(const Environment& environment, pid_t process);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void ready(std::string_view status) const;
  /// `monotonic`: microseconds of CLOCK_MONOTONIC, now. ready() ends it.
  void reloading(std::int64_t monotonic) const;
  void stopping(std::string_view status) const;
  void status(std::string_view text) const;
  void alive() const;
  /// What goes on now may take this long, in microseconds.
  void extend(std::int64_t microseconds) const;

  /// The manager wants a sign of life within this, in microseconds; 0 = none wanted.
  std::int64_t watchdog() const { return watchdog_; }

 private:
  void send(const std::string& message) const;

  std::string path_;  // of the socket; '@' first: abstract. Empty: nobody listens
  int socket_ = -1;
  std::int64_t watchdog_ = 0;
};

}  // namespace rondom::service
