// Link: the plugin host's end of the socket.
//
// A thread of its own reads all the time, so that cancel, credit and replies get through while the
// plugin works, and so that the host leaves at once when the engine is gone. Commands wait in a
// queue for the main thread. Everything here may be called from any thread; the object lives until
// the process ends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "plugin/frames.h"

namespace rondom::plugin::host {

/// The exit code of a host that was told what it does not understand.
constexpr int exit_protocol = 76;

class Link {
 public:
  explicit Link(int socket) : socket_(socket) {}
  /// The engine's first frame, before there is a second thread.
  Frame first_command();
  /// Starts the reading thread.
  void start();

  /// The next command; blocks. Counts the commands.
  Frame next_command();
  void send(Encoder& frame);
  /// For frames that cost credit: waits until there is some. False when the call was cancelled.
  bool send_with_credit(Encoder& frame);
  /// Asks the engine and waits for its reply.
  Result<std::string> ask(Service service, std::string_view name, std::string_view value);
  /// One exchange through the engine; head, body and the request's stream are called on this
  /// thread.
  Status http(const net::Request& request, net::ReplySink& sink);
  /// True after that time, false as soon as the call is cancelled. Tells the engine now and then
  /// that it is alive.
  bool sleep(std::uint64_t milliseconds, std::uint64_t alive_ms);
  bool cancelled() const { return cancelled_call_.load() >= call_.load(); }
  void set_credit(std::uint64_t bytes);

 private:
  /// What the engine says about one exchange, until this side has looked at it.
  struct Mailbox {
    std::deque<Frame> frames;
    std::size_t bytes = 0;
  };

  [[noreturn]] void leave(int code);
  Status converse(std::uint64_t id, const net::Request& request, net::ReplySink& sink);
  bool put_in_mailbox(std::uint64_t id, Frame frame);
  void read();
  void take(Frame frame);

  int socket_;
  std::mutex send_mutex_;
  std::atomic<std::uint64_t> call_{0};
  std::atomic<std::uint64_t> cancelled_call_{0};

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Frame> commands_;
  std::map<std::uint64_t, Result<std::string>> replies_;
  std::map<std::uint64_t, Mailbox> exchanges_;
  std::uint64_t last_id_ = 0;
  std::int64_t credit_ = 0;
  std::thread reader_;
};

}  // namespace rondom::plugin::host
