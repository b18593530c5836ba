#include "pipeline/resolve/probabilistic/similarity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>

namespace rondom::probabilistic {

double jaro_winkler(std::string_view a, std::string_view b) {
  constexpr std::size_t prefix_max = 4;
  constexpr double prefix_weight = 0.1;
  a = a.substr(0, compared_bytes_max);
  b = b.substr(0, compared_bytes_max);
  if (a == b) return 1;
  if (a.empty() || b.empty()) return 0;
  const std::size_t longest = std::max(a.size(), b.size());
  const std::size_t reach = longest / 2 > 0 ? longest / 2 - 1 : 0;
  std::uint64_t taken_a = 0, taken_b = 0;  // one bit a letter
  std::size_t common = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t first = i > reach ? i - reach : 0;
    const std::size_t last = std::min(b.size(), i + reach + 1);
    for (std::size_t j = first; j < last; ++j) {
      if ((taken_b >> j & 1u) != 0 || a[i] != b[j]) continue;
      taken_a |= std::uint64_t{1} << i;
      taken_b |= std::uint64_t{1} << j;
      ++common;
      break;
    }
  }
  if (common == 0) return 0;
  std::size_t out_of_order = 0;
  for (std::size_t i = 0, j = 0; i < a.size(); ++i) {
    if ((taken_a >> i & 1u) == 0) continue;
    while ((taken_b >> j & 1u) == 0) ++j;
    out_of_order += a[i] != b[j++];
  }
  const double m = static_cast<double>(common);
  const double jaro = (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
                       (m - static_cast<double>(out_of_order) / 2) / m) /
                      3;
  std::size_t prefix = 0;
  while (prefix < std::min({a.size(), b.size(), prefix_max}) && a[prefix] == b[prefix]) ++prefix;
  return jaro + static_cast<double>(prefix) * prefix_weight * (1 - jaro);
}

int edits(std::string_view a, std::string_view b, int most) {
  a = a.substr(0, compared_bytes_max);
  b = b.substr(0, compared_bytes_max);
  if (a == b) return 0;
  const int difference = std::abs(static_cast<int>(a.size()) - static_cast<int>(b.size()));
  if (difference > most) return most + 1;
  // What both begin and end with changes nothing.
  std::size_t common = 0;
  while (common < std::min(a.size(), b.size()) && a[common] == b[common]) ++common;
  a.remove_prefix(common);
  b.remove_prefix(common);
  common = 0;
  while (common < std::min(a.size(), b.size()) &&
         a[a.size() - 1 - common] == b[b.size() - 1 - common]) {
    ++common;
  }
  a.remove_suffix(common);
  b.remove_suffix(common);
  std::array<std::array<int, compared_bytes_max + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    const auto& before_above = rows[(i + 1) % 3];
    row[0] = static_cast<int>(i);
    int least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_above[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > most) return most + 1;
  }
  return std::min(rows[a.size() % 3][b.size()], most + 1);
}

std::uint64_t letters_in(std::string_view text) {
  std::uint64_t letters = 0;
  for (const char c : text.substr(0, compared_bytes_max)) {
    letters |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 63u);
  }
  return letters;
}

bool may_be_alike(std::string_view a, std::uint64_t letters_a, std::string_view b,
                  std::uint64_t letters_b, double least) {
  constexpr double bonus_most = 0.4;  // of what is missing to 1
  const double size_a = static_cast<double>(std::min(a.size(), compared_bytes_max));
  const double size_b = static_cast<double>(std::min(b.size(), compared_bytes_max));
  // A letter that the other one does not hold has no partner there.
  const double common = std::min(size_a - std::popcount(letters_a & ~letters_b),
                                 size_b - std::popcount(letters_b & ~letters_a));
  if (common <= 0) return false;
  const double jaro = (common / size_a + common / size_b + 1) / 3;
  return jaro + bonus_most * (1 - jaro) >= least;
}

bool may_be_near(std::uint64_t letters_a, std::uint64_t letters_b, int most) {
  return std::popcount(letters_a & ~letters_b) <= most &&
         std::popcount(letters_b & ~letters_a) <= most;
}

}  // namespace rondom::probabilistic
