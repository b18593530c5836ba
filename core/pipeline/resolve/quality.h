// quality: how well groups of records agree with the truth. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rondom::resolve {

struct Quality {
  std::int64_t pairs_found = 0, pairs_true = 0, pairs_right = 0;
  double precision = 1, recall = 1, f1 = 1;  // of pairs in one group
  double b3_precision = 1, b3_recall = 1,
         b3_f1 = 1;  // B-cubed (Bagga, Baldwin 1998): mean over records
  std::int64_t records = 0, groups_found = 0, groups_true = 0;
  std::int64_t largest_found = 0, largest_true = 0;
};

/// Per record the number of its group, found and true. `missing_pairs`: true pairs of records that
/// are not here at all, which nobody could find.
Quality quality(std::span<const std::uint32_t> found, std::span<const std::uint32_t> actual,
                std::int64_t missing_pairs = 0);

/// How many groups there are of each size: index = size.
std::vector<std::int64_t> sizes(std::span<const std::uint32_t> groups);

}  // namespace rondom::resolve
