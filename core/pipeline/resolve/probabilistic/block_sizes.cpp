#include "pipeline/resolve/probabilistic/block_sizes.h"

#include <algorithm>
#include <charconv>

namespace rondom::probabilistic {
namespace {

constexpr std::int64_t records_least = 1'000;  // fewer count as so many: a small set has room

}  // namespace

BlockSizes::BlockSizes(const Model& model)
    : block_records_max_(model.block_records_max),
      pairs_per_record_max_(model.pairs_per_record_max),
      rules_(model.blocking.size()),
      row_(static_cast<std::size_t>(model.block_records_max) + 1),
      counts_(rules_ * row_, 0) {}

void BlockSizes::resize(std::size_t rule, std::int64_t before, std::int64_t now) {
  if (before > 1 && before <= block_records_max_) --blocks(rule, before);
  if (now > 1 && now <= block_records_max_) ++blocks(rule, now);
}

std::vector<std::int64_t> BlockSizes::largest_compared(std::int64_t records) const {
  const std::int64_t pairs_max =
      std::min(pairs_of_rule_max, pairs_per_record_max_ * std::max(records, records_least));
  std::vector<std::int64_t> largest(rules_, block_records_max_);
  for (std::size_t rule = 0; rule < rules_; ++rule) {
    std::int64_t pairs = 0;
    for (std::int64_t size = 2; size <= block_records_max_; ++size) {
      pairs += counts_[rule * row_ + static_cast<std::size_t>(size)] * (size * (size - 1) / 2);
      if (pairs > pairs_max) {
        largest[rule] = size - 1;
        break;
      }
    }
  }
  return largest;
}

std::string BlockSizes::to_text() const {
  std::string text;
  for (std::size_t at = 0; at < counts_.size(); ++at) {
    if (counts_[at] == 0) continue;
    text.append(std::to_string(at)).append(1, ':');
    text.append(std::to_string(counts_[at])).append(1, ' ');
  }
  return text;
}

std::optional<BlockSizes> BlockSizes::parse(const Model& model, std::string_view text) {
  BlockSizes sizes(model);
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    std::size_t place = 0;
    std::int64_t count = 0;
    const auto first = std::from_chars(at, end, place);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, count);
    if (second.ec != std::errc() || second.ptr == end || *second.ptr != ' ') return std::nullopt;
    if (place >= sizes.counts_.size()) return std::nullopt;
    sizes.counts_[place] = count;
    at = second.ptr + 1;
  }
  return sizes;
}

}  // namespace rondom::probabilistic
