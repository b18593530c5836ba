// Arena: bump allocation for the values of one batch.
//
// Owns every byte it hands out; nothing is destroyed one by one (only trivially destructible types
// belong here). reset() keeps the first blocks for reuse, so a worker's arena reaches a steady
// size. One thread at a time.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace rondom {

class Arena {
 public:
  explicit Arena(std::size_t block_bytes = 64 * 1024) : block_bytes_(block_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  void* allocate(std::size_t bytes, std::size_t align = alignof(std::max_align_t)) {
    std::size_t at = (used_ + align - 1) & ~(align - 1);
    if (current_ >= blocks_.size() || at + bytes > blocks_[current_].size) {
      next_block(bytes + align);
      at = 0;
    }
    used_ = at + bytes;
    return blocks_[current_].data.get() + at;
  }

  template <typename T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "arena values are never destroyed");
    return static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
  }

  /// A copy of `text` that lives as long as the arena (or its next reset).
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    auto* bytes = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }

  void reset() {
    current_ = 0;
    used_ = 0;
    if (blocks_.size() > kept_blocks_max) blocks_.resize(kept_blocks_max);
  }

 private:
  static constexpr std::size_t kept_blocks_max = 64;
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
  };

  void next_block(std::size_t bytes) {
    std::size_t next = blocks_.empty() ? 0 : current_ + 1;
    while (next < blocks_.size() && blocks_[next].size < bytes) ++next;
    if (next >= blocks_.size()) {
      const std::size_t size = bytes > block_bytes_ ? bytes : block_bytes_;
      blocks_.push_back({std::make_unique<char[]>(size), size});
      next = blocks_.size() - 1;
    }
    current_ = next;
    used_ = 0;
  }

  std::size_t block_bytes_;
  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t used_ = 0;
};

}  // namespace rondom
