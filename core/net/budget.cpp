#include "net/budget.h"

#include <algorithm>

namespace rondom::net {
namespace {

Error waiting_stopped() {
  return {ErrorCode::cancelled, "Stopped while waiting to send a request."};
}

}  // namespace

Result<Budget::Permit> Budget::acquire(Interrupt& interrupt) {
  {
    const Interrupt::Waker waker(interrupt, [this] {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return running_ < std::max(1u, limits_.concurrent_requests) || interrupt.requested();
    });
    if (interrupt.requested()) return waiting_stopped();
    ++running_;
  }
  Permit permit(this);
  std::int64_t wait_us = reserve_us();
  // Whoever was told to be quiet while we waited prolongs the wait.
  while (true) {
    wait_us = std::max(wait_us, held_us());
    if (wait_us <= 0) break;
    if (!sleeper_.sleep((wait_us + 999) / 1'000, interrupt)) return waiting_stopped();
    wait_us = 0;
  }
  if (interrupt.requested()) return waiting_stopped();
  return permit;
}

void Budget::hold(std::int64_t milliseconds) {
  const std::lock_guard lock(mutex_);
  hold_until_us_ = std::max(hold_until_us_, clock_.monotonic() + milliseconds * 1'000);
}

void Budget::release() {
  const std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_one();
}

std::int64_t Budget::reserve_us() {
  if (limits_.requests_per_second <= 0) return 0;
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic();
  const std::int64_t at = std::max(now, next_us_);
  next_us_ = at + static_cast<std::int64_t>(1e6 / limits_.requests_per_second);
  return at - now;
}

std::int64_t Budget::held_us() {
  const std::lock_guard lock(mutex_);
  return hold_until_us_ - clock_.monotonic();
}

}  // namespace rondom::net
