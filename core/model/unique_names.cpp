#include "model/unique_names.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace rondom {

namespace {

constexpr std::size_t small_object_members_max = 24;
constexpr std::size_t probes_per_member_max = 8;

/// One of 64 bits for a name; two equal names have the same.
std::uint64_t bit_of(std::string_view name) {
  if (name.empty()) return 1;
  const auto byte = [&](std::size_t at) { return std::uint64_t(std::uint8_t(name[at])); };
  const std::uint64_t mixed =
      name.size() + 7 * byte(0) + 31 * byte(name.size() / 2) + 131 * byte(name.size() - 1);
  return std::uint64_t(1) << (mixed & 63);
}

const Member* by_pairs(std::span<const Member> members) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t bit = bit_of(members[i].name);
    if ((seen & bit) != 0) {
      for (std::size_t k = 0; k < i; ++k) {
        if (members[k].name == members[i].name) return &members[i];
      }
    }
    seen |= bit;
  }
  return nullptr;
}

}  // namespace

const Member* UniqueNames::first_repeated(std::span<const Member> members) {
  return members.size() <= small_object_members_max ? by_pairs(members) : by_table(members);
}

const Member* UniqueNames::by_table(std::span<const Member> members) {
  const std::size_t size = std::bit_ceil(members.size() * 2);
  slots_.assign(size, Slot{});
  std::size_t probes = members.size() * probes_per_member_max;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::uint64_t hash = hash64(members[i].name);
    std::size_t at = hash & (size - 1);
    for (; slots_[at].place != 0; at = (at + 1) & (size - 1)) {
      if (slots_[at].hash == hash && members[slots_[at].place - 1].name == members[i].name) {
        return &members[i];
      }
      if (probes-- == 0) return by_sorting(members);
    }
    slots_[at] = {hash, std::uint32_t(i + 1)};
  }
  return nullptr;
}

const Member* UniqueNames::by_sorting(std::span<const Member> members) {
  order_.resize(members.size());
  for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = std::uint32_t(i);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int difference = members[a].name.compare(members[b].name);
    return difference != 0 ? difference < 0 : a < b;
  });
  const Member* first = nullptr;
  for (std::size_t i = 1; i < order_.size(); ++i) {
    const Member& member = members[order_[i]];
    if (member.name == members[order_[i - 1]].name && (first == nullptr || &member < first)) {
      first = &member;
    }
  }
  return first;
}

}  // namespace rondom
