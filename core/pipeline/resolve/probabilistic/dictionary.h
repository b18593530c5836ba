// dictionary: texts as small numbers. Flat: one arena, one open hash table. One thread while
// adding, any thread for reading.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::probabilistic {

/// 0 = no text.
using TextId = std::uint32_t;

class Dictionary {
 public:
  Dictionary() : texts_(1), letters_(1), slots_(first_slots, 0) {}
  TextId add(std::string_view text) {
    if (text.empty()) return 0;
    if (texts_.size() * 2 > slots_.size()) grow();
    std::size_t at = hash64(text) & (slots_.size() - 1);
    while (slots_[at] != 0) {
      if (texts_[slots_[at]] == text) return slots_[at];
      at = (at + 1) & (slots_.size() - 1);
    }
    texts_.push_back(arena_.copy(text));
    letters_.push_back(letters_in(text));
    slots_[at] = static_cast<TextId>(texts_.size() - 1);
    return slots_[at];
  }
  /// 0 when it was never added.
  TextId find(std::string_view text) const {
    std::size_t at = hash64(text) & (slots_.size() - 1);
    while (slots_[at] != 0) {
      if (texts_[slots_[at]] == text) return slots_[at];
      at = (at + 1) & (slots_.size() - 1);
    }
    return 0;
  }
  std::string_view text(TextId id) const { return texts_[id]; }
  /// letters_in() of it.
  std::uint64_t letters(TextId id) const { return letters_[id]; }
  /// One more than the greatest number.
  std::size_t size() const { return texts_.size(); }

 private:
  static constexpr std::size_t first_slots = 1024;
  void grow() {
    std::vector<TextId> wider(slots_.size() * 2, 0);
    for (TextId id = 1; id < texts_.size(); ++id) {
      std::size_t at = hash64(texts_[id]) & (wider.size() - 1);
      while (wider[at] != 0) at = (at + 1) & (wider.size() - 1);
      wider[at] = id;
    }
    slots_ = std::move(wider);
  }

  Arena arena_;
  std::vector<std::string_view> texts_;
  std::vector<std::uint64_t> letters_;
  std::vector<TextId> slots_;
};

}  // namespace rondom::probabilistic
