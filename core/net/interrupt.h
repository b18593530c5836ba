// Interrupt: asks one exchange, or everything of one plugin, to end now. Unlike base's Cancel it
// also wakes who waits. Never goes back. All functions from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <utility>

namespace rondom::net {

class Interrupt {
 public:
  void request() {
    const std::lock_guard lock(mutex_);
    requested_.store(true, std::memory_order_relaxed);
    changed_.notify_all();
    for (const std::function<void()>& wake : wakers_) wake();
  }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

  /// False after that time, true as soon as it is requested.
  bool wait_for(std::int64_t milliseconds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(milliseconds),
                             [this] { return requested(); });
  }

  /// While it lives, request() also calls `wake`, which must be quick. It may take a lock, if
  /// nobody who holds that lock makes, ends or requests an Interrupt or Waker.
  class Waker {
   public:
    Waker(Interrupt& interrupt, std::function<void()> wake) : interrupt_(interrupt) {
      const std::lock_guard lock(interrupt_.mutex_);
      at_ = interrupt_.wakers_.insert(interrupt_.wakers_.end(), std::move(wake));
    }
    ~Waker() {
      const std::lock_guard lock(interrupt_.mutex_);
      interrupt_.wakers_.erase(at_);
    }
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;

   private:
    Interrupt& interrupt_;
    std::list<std::function<void()>>::iterator at_;
  };

 private:
  std::atomic<bool> requested_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::function<void()>> wakers_;
};

}  // namespace rondom::net
