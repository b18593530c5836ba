// Watch: while a database keeps us waiting, the host hears that we live, and we hear of its wish to
// stop. Owns a thread from construction to destruction.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "rondom/sdk.hpp"

namespace rondom::sql {

class Watch {
 public:
  /// `interrupt` runs at most once, on the watch's thread, when the host wants us to stop.
  Watch(const Context& context, std::function<void()> interrupt);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  bool stopped() const;

 private:
  void run();

  const Context& context_;
  std::function<void()> interrupt_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace rondom::sql
