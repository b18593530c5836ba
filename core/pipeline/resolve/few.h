// Few: a sorted set of trivially copyable values that is nearly always tiny. Kept inside the object
// up to `Inline` values, on the heap beyond. One thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace rondom::resolve {

template <typename T, std::size_t Inline>
class Few {
 public:
  const T* begin() const { return spilled_.empty() ? inside_.data() : spilled_.data(); }
  const T* end() const { return begin() + size_; }
  std::span<const T> values() const { return {begin(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool contains(const T& value) const { return std::binary_search(begin(), end(), value); }

  void insert(const T& value) {
    const std::size_t at =
        static_cast<std::size_t>(std::lower_bound(begin(), end(), value) - begin());
    if (at < size_ && begin()[at] == value) return;
    if (spilled_.empty() && size_ < Inline) {
      std::copy_backward(inside_.begin() + at, inside_.begin() + size_,
                         inside_.begin() + size_ + 1);
      inside_[at] = value;
    } else {
      if (spilled_.empty()) spilled_.assign(inside_.begin(), inside_.begin() + size_);
      spilled_.insert(spilled_.begin() + static_cast<std::ptrdiff_t>(at), value);
    }
    ++size_;
  }

  void insert_all(const Few& other) {
    for (const T& value : other) insert(value);
  }

 private:
  std::array<T, Inline> inside_{};
  std::vector<T> spilled_;
  std::size_t size_ = 0;
};

}  // namespace rondom::resolve
