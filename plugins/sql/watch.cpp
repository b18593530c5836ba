#include "watch.h"

#include <chrono>
#include <utility>

namespace rondom::sql {

namespace {
constexpr std::chrono::milliseconds interval{250};
}

Watch::Watch(const Context& context, std::function<void()> interrupt)
    : context_(context), interrupt_(std::move(interrupt)), thread_([this] { run(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

bool Watch::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void Watch::run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, interval, [this] { return ending_; })) {
    lock.unlock();
    const bool cancelled = context_.sleep_ms(1).code() == Code::cancelled || context_.cancelled();
    if (cancelled) interrupt_();
    lock.lock();
    stopped_ = stopped_ || cancelled;
    if (cancelled) return;
  }
}

}  // namespace rondom::sql
