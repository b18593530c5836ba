// HttpDesk: the engine's side of the HTTP exchanges of one plugin host. Each runs on a thread of
// its own, so that the plugin fetches its next page while the engine works on the one before.
//
// take() is for the reading thread; the rest is for any thread. Owns its threads; the destructor
// ends what runs and joins them. `send` and `sign_of_life` are called from those threads.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "plugin/frames.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

class HttpDesk {
 public:
  using Send = std::function<Status(Encoder&)>;
  HttpDesk(decltype(HostServices::http) http, Send send, std::function<void()> sign_of_life);
  ~HttpDesk();
  HttpDesk(const HttpDesk&) = delete;
  HttpDesk& operator=(const HttpDesk&) = delete;

  /// A frame of an exchange; false when it makes no sense.
  bool take(const Frame& frame);
  /// Ends the exchanges that run.
  void interrupt();
  /// Ends the exchanges that run and every later one.
  void close();
  /// Some exchange waits for the network, and the plugin for it: its silence means nothing.
  bool works() const;

 private:
  class Exchange;
  bool begin(const Frame& frame);
  std::shared_ptr<Exchange> find(std::uint64_t id);
  void reap();

  decltype(HostServices::http) http_;
  Send send_;
  std::function<void()> sign_of_life_;
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<Exchange>> exchanges_;
  bool closed_ = false;
};

}  // namespace rondom::plugin
