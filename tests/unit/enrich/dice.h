// What random histories are drawn with.
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace rondom::enrich::test {

using Dice = std::mt19937_64;

template <std::size_t N>
std::string one_of(Dice& dice, const char* const (&words)[N]) {
  return words[dice() % N];
}

}  // namespace rondom::enrich::test
