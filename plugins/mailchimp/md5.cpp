#include "md5.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace rondom::mailchimp {
namespace {

using State = std::array<std::uint32_t, 4>;

std::uint32_t rotated(std::uint32_t value, unsigned by) {
  return (value << by) | (value >> (32 - by));
}

/// The 64 constants are the sines of 1 … 64 (section 3.4).
std::array<std::uint32_t, 64> sines() {
  std::array<std::uint32_t, 64> table{};
  for (std::size_t i = 0; i < 64; ++i) {
    table[i] = static_cast<std::uint32_t>(
        std::floor(4294967296.0 * std::fabs(std::sin(static_cast<double>(i + 1)))));
  }
  return table;
}

void take_block(State& state, std::string_view block) {
  static const std::array<std::uint32_t, 64> table = sines();
  static constexpr unsigned turns[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  static constexpr std::size_t step[4] = {1, 5, 3, 7}, start[4] = {0, 1, 5, 0};
  std::array<std::uint32_t, 16> words{};
  for (std::size_t i = 0; i < 64; ++i) {
    words[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(block[i]))
                    << (8 * (i % 4));
  }
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::size_t round = i / 16;
    std::uint32_t mixed = 0;
    switch (round) {
      case 0: mixed = (b & c) | (~b & d); break;
      case 1: mixed = (b & d) | (c & ~d); break;
      case 2: mixed = b ^ c ^ d; break;
      default: mixed = c ^ (b | ~d);
    }
    const std::uint32_t word = words[(start[round] + step[round] * i) % 16];
    const std::uint32_t next = b + rotated(a + mixed + word + table[i], turns[round][i % 4]);
    a = d;
    d = c;
    c = b;
    b = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::string md5(std::string_view text) {
  std::string padded(text);
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (unsigned i = 0; i < 8; ++i) padded += static_cast<char>((bits >> (8 * i)) & 0xFF);
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += 64) {
    take_block(state, std::string_view(padded).substr(at, 64));
  }
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint32_t word : state) {
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t byte = (word >> (8 * i)) & 0xFF;
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace rondom::mailchimp
