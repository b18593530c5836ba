// Names of people and of organizations.
#include <algorithm>

#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/folding.h"
#include "pipeline/resolve/probabilistic/levels.h"
#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::probabilistic {

constexpr std::size_t abbreviation_bytes_min = 2;

/// "Min-jun" and "Min-ji", "Anne Marie" and "Anne Sophie": they have a word in common, and are two
/// names all the same.
bool Comparer::second_names_differ(std::span<const TextId> a, std::span<const TextId> b) {
  // The whole name is followed by its words.
  if (a.size() < 3 || b.size() < 3) return false;
  const auto few = a.size() <= b.size() ? a.subspan(1) : b.subspan(1);
  const auto many = a.size() <= b.size() ? b.subspan(1) : a.subspan(1);
  return std::any_of(few.begin(), few.end(), [&](TextId word) {
    return std::none_of(many.begin(), many.end(), [&](TextId other) {
      constexpr auto related = NameBits::alike | NameBits::nickname | NameBits::initial;
      return word == other || (name_bits(word, other) & related) != 0;
    });
  });
}

std::uint8_t Comparer::given_level(std::span<const TextId> a, std::span<const TextId> b) {
  using namespace given_levels;
  if (a.front() == b.front()) return exact;
  std::uint8_t best = other;
  for (std::size_t i = 0; i < a.size() && best > nickname; ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::uint8_t level = other;
      if (a[i] == b[j]) {
        level = given_levels::nickname;
      } else {
        const std::uint8_t bits = name_bits(a[i], b[j]);
        if ((bits & NameBits::nickname) != 0) {
          level = given_levels::nickname;
        } else if ((bits & NameBits::unrelated) != 0) {
          // Two names that people have are no slips of one another, however alike: Paul and Paula.
          if ((bits & NameBits::close) != 0) level = given_levels::alike;
        } else if ((bits & NameBits::close) != 0) {
          level = given_levels::close;
        } else if ((bits & NameBits::initial) != 0) {
          level = given_levels::initial;
        } else if ((bits & NameBits::alike) != 0 && i == 0 && j == 0) {
          level = given_levels::alike;
        }
      }
      best = std::min(best, level);
    }
  }
  if (best == given_levels::nickname && second_names_differ(a, b)) return given_levels::alike;
  if (best == other) {
    // "maria luisa" is followed by its words.
    const TextId first_a = a[words_of(features_.names().text(a.front())).size() > 1 ? 1 : 0];
    const TextId first_b = b[words_of(features_.names().text(b.front())).size() > 1 ? 1 : 0];
    if ((name_bits(first_a, first_b) & NameBits::unrelated) == 0) best = unlike;
  }
  return best;
}

std::uint8_t Comparer::surname_level(std::span<const TextId> a, std::span<const TextId> b) {
  using namespace surname_levels;
  if (a.front() == b.front()) return exact;
  std::uint8_t best = other;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (a[i] == b[j]) {
        best = std::min(best, surname_levels::part);
        continue;
      }
      const std::uint8_t bits = name_bits(a[i], b[j]);
      if ((bits & NameBits::close) != 0) {
        best = std::min(best, i == 0 && j == 0 ? surname_levels::close : surname_levels::part);
      } else if ((bits & NameBits::alike) != 0 && i == 0 && j == 0) {
        best = std::min(best, surname_levels::alike);
      }
    }
  }
  return best;
}

/// A name of the family one was born into, kept between given name and surname.
bool Comparer::maiden_name(std::uint32_t a, std::uint32_t b) const {
  const auto given = features_.given(a), surnames = features_.surnames(b);
  const auto kept = [&](TextId name) {
    return features_.names().text(name).size() >= slip_bytes_min && name == surnames.front();
  };
  return given.size() > 2 && std::any_of(given.begin() + 2, given.end(), kept);
}

/// Equal, a slip apart, or the one short for the other: "mfg" for "manufacturing".
bool Comparer::same_word(std::string_view a, std::string_view b) const {
  if (a == b) return true;
  if (a.size() > b.size()) std::swap(a, b);
  if (a.size() < abbreviation_bytes_min || a.front() != b.front()) return false;
  if (a.size() >= slip_bytes_min && (edits(a, b, 1) == 1 || jaro_winkler(a, b) >= close_min)) {
    return true;
  }
  std::size_t found = 0;
  for (const char c : b) found += found < a.size() && a[found] == c;
  return found == a.size() && b.size() >= a.size() + 2;
}

bool Comparer::all_words_in(std::string_view few, std::string_view many) const {
  const auto there = words_of(many);
  const auto here = words_of(few);
  return here.size() > 0 && std::all_of(here.begin(), here.end(), [&](std::string_view word) {
           return std::any_of(there.begin(), there.end(),
                              [&](std::string_view other) { return same_word(word, other); });
         });
}

std::uint8_t Comparer::organization_level(TextId a, TextId b) {
  using namespace organization_levels;
  if (a == b) return exact;
  const std::string_view left = features_.names().text(a);
  const std::string_view right = features_.names().text(b);
  const bool fewer_left = words_of(left).size() < words_of(right).size() ||
                          (words_of(left).size() == words_of(right).size() && left < right);
  if (all_words_in(fewer_left ? left : right, fewer_left ? right : left)) return words;
  const std::uint8_t bits = name_bits(a, b);
  if ((bits & NameBits::close) != 0) return organization_levels::close;
  return (bits & NameBits::alike) != 0 ? organization_levels::alike : other;
}

/// Given name and surname crossed, typing slips allowed.
bool Comparer::swapped(std::uint32_t a, std::uint32_t b) {
  const auto given_a = features_.given(a), given_b = features_.given(b);
  const auto surname_a = features_.surnames(a), surname_b = features_.surnames(b);
  if (given_a.empty() || given_b.empty() || surname_a.empty() || surname_b.empty()) return false;
  const auto same = [this](TextId one, TextId two) {
    return one == two || (name_bits(one, two) & (NameBits::close | NameBits::nickname)) != 0;
  };
  const auto among = [&same](TextId one, std::span<const TextId> forms) {
    return std::any_of(forms.begin(), forms.end(), [&](TextId form) { return same(one, form); });
  };
  return among(given_a.front(), surname_b) && among(given_b.front(), surname_a);
}

}  // namespace rondom::probabilistic
