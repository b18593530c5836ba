// Random: where ids and jitter get their bytes from. Passed in like the clock. Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace rondom {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

/// The operating system's generator.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace rondom
