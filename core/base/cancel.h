// Cancel: a flag that asks long work to stop at its next safe point. Set from any thread or from a
// signal handler, read from any thread; it never goes back to false.
#pragma once

#include <atomic>

namespace rondom {

class Cancel {
 public:
  void request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace rondom
