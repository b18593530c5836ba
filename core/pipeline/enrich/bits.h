// bits: sets of items of a list, a bit an item. Private to enrich. Pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rondom::enrich {

using Bits = std::vector<std::uint64_t>;

inline constexpr std::size_t bits_of_word = 64;

inline std::size_t words_for(std::size_t items) {
  return (items + bits_of_word - 1) / bits_of_word;
}

inline void set_bit(Bits& bits, std::uint32_t at) {
  bits[at / bits_of_word] |= std::uint64_t(1) << (at % bits_of_word);
}

inline bool has_bit(const Bits& bits, std::uint32_t at) {
  return (bits[at / bits_of_word] >> (at % bits_of_word) & 1) != 0;
}

/// A bit for each of so many items.
inline void set_all(Bits& bits, std::size_t items) {
  bits.assign(words_for(items), ~std::uint64_t(0));
  const std::size_t rest = items % bits_of_word;
  if (rest != 0) bits.back() = (std::uint64_t(1) << rest) - 1;
}

/// Calls each(item) in order until it says false; false then.
template <typename Each>
bool each_bit(const Bits& bits, Each each) {
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (std::uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      const std::size_t at = word * bits_of_word + std::size_t(std::countr_zero(rest));
      if (!each(static_cast<std::uint32_t>(at))) return false;
    }
  }
  return true;
}

}  // namespace rondom::enrich
