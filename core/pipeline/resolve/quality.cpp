#include "pipeline/resolve/quality.h"

#include <algorithm>
#include <numeric>

namespace rondom::resolve {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}
double harmonic(double a, double b) {
  return a + b == 0 ? 0 : 2 * a * b / (a + b);
}
std::int64_t pairs_among(std::int64_t records) {
  return records * (records - 1) / 2;
}

/// Records in order of (found, actual): those that agree in both stand together.
std::vector<std::uint32_t> order_of(std::span<const std::uint32_t> found,
                                    std::span<const std::uint32_t> actual) {
  std::vector<std::uint32_t> order(found.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return found[a] != found[b] ? found[a] < found[b] : actual[a] < actual[b];
  });
  return order;
}

}  // namespace

std::vector<std::int64_t> sizes(std::span<const std::uint32_t> groups) {
  std::vector<std::uint32_t> sorted(groups.begin(), groups.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> out;
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t last = first;
    while (last < sorted.size() && sorted[last] == sorted[first]) ++last;
    const std::size_t size = last - first;
    if (out.size() <= size) out.resize(size + 1, 0);
    ++out[size];
    first = last;
  }
  return out;
}

Quality quality(std::span<const std::uint32_t> found, std::span<const std::uint32_t> actual,
                std::int64_t missing_pairs) {
  Quality out;
  out.records = static_cast<std::int64_t>(found.size());
  const auto count = [](std::span<const std::uint32_t> groups, std::int64_t& number,
                        std::int64_t& largest) {
    std::int64_t pairs = 0;
    const auto all = sizes(groups);
    for (std::size_t size = 1; size < all.size(); ++size) {
      number += all[size];
      pairs += all[size] * pairs_among(static_cast<std::int64_t>(size));
      if (all[size] > 0) largest = static_cast<std::int64_t>(size);
    }
    return pairs;
  };
  out.pairs_found = count(found, out.groups_found, out.largest_found);
  out.pairs_true = count(actual, out.groups_true, out.largest_true) + missing_pairs;

  // Size of the groups that each record is in, for B-cubed.
  const auto group_sizes = [](std::span<const std::uint32_t> groups) {
    const std::uint32_t last = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end());
    std::vector<std::int64_t> out_sizes(last + std::size_t{1}, 0);
    for (const std::uint32_t group : groups) ++out_sizes[group];
    return out_sizes;
  };
  const auto found_sizes = group_sizes(found), true_sizes = group_sizes(actual);
  const auto order = order_of(found, actual);
  double precision = 0, recall = 0;
  for (std::size_t first = 0; first < order.size();) {
    const std::uint32_t in_found = found[order[first]], in_true = actual[order[first]];
    std::size_t last = first;
    while (last < order.size() && found[order[last]] == in_found &&
           actual[order[last]] == in_true) {
      ++last;
    }
    const auto both = static_cast<std::int64_t>(last - first);
    out.pairs_right += pairs_among(both);
    precision += static_cast<double>(both * both) / static_cast<double>(found_sizes[in_found]);
    recall += static_cast<double>(both * both) / static_cast<double>(true_sizes[in_true]);
    first = last;
  }
  out.precision = ratio(out.pairs_right, out.pairs_found);
  out.recall = ratio(out.pairs_right, out.pairs_true);
  out.f1 = harmonic(out.precision, out.recall);
  if (!order.empty()) {
    out.b3_precision = precision / static_cast<double>(order.size());
    out.b3_recall = recall / static_cast<double>(order.size());
  }
  out.b3_f1 = harmonic(out.b3_precision, out.b3_recall);
  return out;
}

}  // namespace rondom::resolve
