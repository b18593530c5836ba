// UniqueNames: does one object name a member twice? Keeps its table between objects; one thread.
// Time is linear in the members for ordinary names, and n log n for names chosen to collide.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/value.h"

namespace rondom {

class UniqueNames {
 public:
  /// The first member whose name stands before it already, or nullptr.
  const Member* first_repeated(std::span<const Member> members);

 private:
  const Member* by_table(std::span<const Member> members);
  const Member* by_sorting(std::span<const Member> members);

  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t place = 0;  // index + 1; 0 = free
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> order_;
};

}  // namespace rondom
