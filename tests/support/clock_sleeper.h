// ClockSleeper: moves a test's clock instead of waiting, and writes down by how much.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "net/budget.h"

namespace rondom::test {

class ClockSleeper final : public net::Sleeper {
 public:
  explicit ClockSleeper(ManualClock& clock) : clock_(clock) {}
  std::vector<std::int64_t> waits;
  bool sleep(std::int64_t milliseconds, net::Interrupt& interrupt) override {
    waits.push_back(milliseconds);
    clock_.advance(milliseconds * 1'000);
    return !interrupt.requested();
  }

 private:
  ManualClock& clock_;
};

}  // namespace rondom::test
