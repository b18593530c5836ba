// Addresses, postcodes and towns.
#include <algorithm>
#include <array>

#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/folding.h"
#include "pipeline/resolve/probabilistic/levels.h"

namespace rondom::probabilistic {

constexpr std::size_t line_word_bytes_min = 3;

/// Lines that were not taken apart, or only one of them: a number in common, and half the words
/// that the shorter one has.
bool Comparer::lines_alike(const Address& a, const Address& b) {
  struct Line {
    std::array<std::string_view, words_max + 1> numbers, names;
    std::size_t number_count = 0, name_count = 0;
  };
  const auto take_apart = [this](const Address& address) {
    Line line;
    const auto take = [&line](std::string_view text) {
      for (const std::string_view word : words_of(text)) {
        const bool number = word.front() >= '0' && word.front() <= '9';
        if (number && line.number_count < line.numbers.size()) {
          line.numbers[line.number_count++] = word;
        } else if (!number && word.size() >= line_word_bytes_min &&
                   line.name_count < line.names.size()) {
          line.names[line.name_count++] = word;
        }
      }
    };
    take(features_.words().text(address.street));
    take(features_.words().text(address.number));
    return line;
  };
  const Line one = take_apart(a), two = take_apart(b);
  const auto common = [](const auto& left, std::size_t left_count, const auto& right,
                         std::size_t right_count) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < left_count; ++i) {
      found += std::find(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(right_count),
                         left[i]) != right.begin() + static_cast<std::ptrdiff_t>(right_count);
    }
    return found;
  };
  if (common(one.numbers, one.number_count, two.numbers, two.number_count) == 0) return false;
  const std::size_t names = common(one.names, one.name_count, two.names, two.name_count);
  return names > 0 && 2 * names >= std::min(one.name_count, two.name_count);
}

/// Both are known and more than a slip apart.
bool Comparer::areas_differ(TextId a, TextId b) {
  if (a == 0 || b == 0) return false;
  constexpr int slips_max = 2;
  return !texts_close(a, b) && texts_distance(a, b, slips_max) > slips_max;
}

std::uint8_t Comparer::address_level(const Address& a, const Address& b) {
  using namespace address_levels;
  if (a.street == 0 || b.street == 0) return silent;
  const auto same = [this](TextId one, TextId two) {
    return one != 0 && two != 0 && (one == two || texts_close(one, two));
  };
  // Street and building change places in many exports.
  const bool street_same =
      same(a.street, b.street) || same(a.street, b.unit) || same(a.unit, b.street);
  const bool written_alike = a.street == b.street;
  const bool numbers_known = a.number != 0 && b.number != 0;
  const bool number_same = numbers_known && a.number == b.number;
  const bool postcode_same = a.postcode != 0 && a.postcode == b.postcode;
  const bool locality_same = a.locality != 0 && a.locality == b.locality;
  const bool area_same = postcode_same || locality_same;
  // A street of this name is in many towns: where both are known to be in another, it is another
  // one.
  const bool elsewhere =
      !area_same && (areas_differ(a.postcode, b.postcode) || areas_differ(a.locality, b.locality));
  if (street_same && number_same && !elsewhere) return written_alike ? exact : near;
  // Two addresses that were taken apart are compared by their parts.
  if (!street_same && (a.whole_line || b.whole_line) && lines_alike(a, b)) return near;
  if (postcode_same && number_same) return near;
  if (street_same) return area_same ? street_area : address_levels::street;
  if (postcode_same) return address_levels::postcode;
  return locality_same ? address_levels::locality : other;
}

std::uint8_t Comparer::postcode_level(const Address& a, const Address& b) {
  using namespace postcode_levels;
  if (a.postcode == 0 || b.postcode == 0) return silent;
  if (a.postcode == b.postcode) return exact;
  if (texts_distance(a.postcode, b.postcode, 1) == 1) return typo;
  return a.area != 0 && a.area == b.area ? area : other;
}

std::uint8_t Comparer::locality_level(const Address& a, const Address& b) {
  using namespace locality_levels;
  if (a.locality == 0 || b.locality == 0) return silent;
  if (a.locality == b.locality) return exact;
  return texts_close(a.locality, b.locality) ? locality_levels::close : other;
}

/// The finest of address, postcode and locality that both records have; one of them speaks, so that
/// what follows from one another counts once.
void Comparer::compare_places(std::uint32_t a, std::uint32_t b, Agreement& agreement) {
  const auto of = [this](Kind kind) { return of_kind_[static_cast<std::size_t>(kind)]; };
  const auto places_a = features_.addresses(a), places_b = features_.addresses(b);
  if (places_a.empty() || places_b.empty()) return;
  const auto best_of = [&](auto level_of, auto value_of, TextId& value) {
    std::uint8_t best = silent;
    for (const Address& one : places_a) {
      for (const Address& two : places_b) {
        const std::uint8_t level = level_of(one, two);
        if (level == 0 && best != 0) value = value_of(one);
        best = std::min(best, level);
      }
    }
    return best;
  };
  TextId value = 0;
  std::uint8_t level = silent;
  if (of(Kind::address) != no_comparison) {
    level =
        best_of([this](const Address& one, const Address& two) { return address_level(one, two); },
                [](const Address& one) { return one.street; }, value);
    if (level != silent) return set(agreement, of(Kind::address), level, value);
  }
  if (of(Kind::postcode) != no_comparison) {
    level =
        best_of([this](const Address& one, const Address& two) { return postcode_level(one, two); },
                [](const Address& one) { return one.postcode; }, value);
    if (level != silent) return set(agreement, of(Kind::postcode), level, value);
  }
  if (of(Kind::locality) != no_comparison) {
    level =
        best_of([this](const Address& one, const Address& two) { return locality_level(one, two); },
                [](const Address& one) { return one.locality; }, value);
    set(agreement, of(Kind::locality), level, value);
  }
}

}  // namespace rondom::probabilistic
