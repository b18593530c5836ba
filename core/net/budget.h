// Budget: how many requests a second and at a time one connection may make, whoever asks. Also
// keeps everybody quiet while the server wants it so. All functions from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "net/interrupt.h"

namespace rondom::net {

/// Waits. Tests give one that moves their clock.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  /// False as soon as it is interrupted.
  virtual bool sleep(std::int64_t milliseconds, Interrupt& interrupt) = 0;
};
class SystemSleeper final : public Sleeper {
 public:
  bool sleep(std::int64_t milliseconds, Interrupt& interrupt) override {
    return !interrupt.wait_for(milliseconds);
  }
};

struct BudgetLimits {
  double requests_per_second = 0;  // 0 = no limit
  unsigned concurrent_requests = 8;
};

class Budget {
 public:
  Budget(const BudgetLimits& limits, const Clock& clock, Sleeper& sleeper)
      : limits_(limits), clock_(clock), sleeper_(sleeper) {}

  /// The right to make one request; given back by its destructor.
  class Permit {
   public:
    explicit Permit(Budget* budget) : budget_(budget) {}
    Permit(Permit&& other) noexcept : budget_(other.budget_) { other.budget_ = nullptr; }
    Permit& operator=(Permit&&) = delete;
    ~Permit() { give_back(); }
    void give_back() {
      if (budget_ != nullptr) std::exchange(budget_, nullptr)->release();
    }

   private:
    Budget* budget_;
  };

  /// Waits for a place and for the time to come; ErrorCode::cancelled when interrupted.
  Result<Permit> acquire(Interrupt& interrupt);
  /// The server wants nothing for so long.
  void hold(std::int64_t milliseconds);

 private:
  void release();
  /// Takes the next moment of the rate; returns how long it is until then.
  std::int64_t reserve_us();
  std::int64_t held_us();

  BudgetLimits limits_;
  const Clock& clock_;
  Sleeper& sleeper_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned running_ = 0;
  std::int64_t next_us_ = 0;
  std::int64_t hold_until_us_ = 0;
};

}  // namespace rondom::net
