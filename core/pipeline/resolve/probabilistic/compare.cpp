#include "pipeline/resolve/probabilistic/compare.h"

#include <algorithm>
#include <string>

#include "model/nicknames.h"
#include "pipeline/resolve/probabilistic/folding.h"
#include "pipeline/resolve/probabilistic/levels.h"
#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::probabilistic {
namespace {

constexpr std::uint8_t no_comparison = 0xFF;
// Winkler's similarity from which names count as written differently, and as somewhat alike.
constexpr double close_min = 0.92;
constexpr double alike_min = 0.80;
constexpr std::size_t line_word_bytes_min = 3;
constexpr std::size_t slip_bytes_min = 4;  // in shorter names one letter makes another name

std::uint64_t pair_of(TextId a, TextId b) {
  return std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
}

std::size_t place_of(std::uint64_t pair, std::size_t places) {
  return (pair * 0x9E3779B97F4A7C15u >> 40) & (places - 1);
}

/// The start of one name is the other: "ben" of "benjamin".
bool begins_the_same(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return a.size() >= 3 && b.substr(0, a.size()) == a;
}

}  // namespace

Comparer::Comparer(const Model& model, const Features& features)
    : model_(model), features_(features), names_(remembered_pairs), texts_(remembered_pairs) {
  of_kind_.fill(no_comparison);
  for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
    const auto kind = static_cast<std::size_t>(model.comparisons[i].kind);
    if (model.comparisons[i].kind != Kind::text) of_kind_[kind] = static_cast<std::uint8_t>(i);
  }
}

std::uint8_t Comparer::name_bits(TextId a, TextId b) {
  const std::uint64_t pair = pair_of(a, b);
  Remembered& slot = names_[place_of(pair, names_.size())];
  if (slot.pair == pair) return slot.bits;
  const std::string_view left = features_.names().text(a);
  const std::string_view right = features_.names().text(b);
  std::uint8_t bits = 0;
  if (left.size() == 1 || right.size() == 1) {
    if (left.front() == right.front()) bits = initial;
  } else {
    const Dictionary& names = features_.names();
    const bool possible = may_be_alike(left, names.letters(a), right, names.letters(b), alike_min);
    const double similarity = possible ? jaro_winkler(left, right) : 0;
    if (similarity >= alike_min) bits |= alike;
    if (similarity >= close_min ||
        (possible && std::min(left.size(), right.size()) >= slip_bytes_min &&
         edits(left, right, 1) == 1)) {
      bits |= alike | close;
    }
    if (are_nicknames(left, right)) bits |= nickname;
    if (begins_the_same(left, right)) bits |= alike;
  }
  slot = {pair, bits};
  return bits;
}

bool Comparer::texts_close(TextId a, TextId b) {
  const Dictionary& words = features_.words();
  if (!may_be_alike(words.text(a), words.letters(a), words.text(b), words.letters(b), close_min)) {
    return false;
  }
  const std::uint64_t pair = pair_of(a, b);
  Remembered& slot = texts_[place_of(pair, texts_.size())];
  if (slot.pair == pair) return slot.bits != 0;
  const bool found = jaro_winkler(words.text(a), words.text(b)) >= close_min;
  slot = {pair, static_cast<std::uint8_t>(found ? 1 : 0)};
  return found;
}

int Comparer::texts_distance(TextId a, TextId b, int most) const {
  const Dictionary& words = features_.words();
  if (!may_be_near(words.letters(a), words.letters(b), most)) return most + 1;
  return edits(words.text(a), words.text(b), most);
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

std::uint8_t Comparer::organization_level(TextId a, TextId b) {
  using namespace organization_levels;
  if (a == b) return exact;
  const std::string_view left = features_.names().text(a);
  const std::string_view right = features_.names().text(b);
  const auto few = words_of(left.size() < right.size() ? left : right);
  const auto many = words_of(left.size() < right.size() ? right : left);
  if (std::all_of(few.begin(), few.end(), [&](std::string_view word) {
        return std::find(many.begin(), many.end(), word) != many.end();
      })) {
    return words;
  }
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

std::uint8_t birth_level(Date a, Date b) {
  using namespace birth_levels;
  const Date year_a = a / 10'000, month_a = a / 100 % 100, day_a = a % 100;
  const Date year_b = b / 10'000, month_b = b / 100 % 100, day_b = b % 100;
  const bool complete = year_a * month_a * day_a * year_b * month_b * day_b != 0;
  if (a == b) return complete ? exact : partial;
  const auto agree = [](Date one, Date two) { return one == 0 || two == 0 || one == two; };
  if (!complete) {
    return agree(year_a, year_b) && agree(month_a, month_b) && agree(day_a, day_b) ? partial
                                                                                   : other;
  }
  if (year_a == year_b && month_a == day_b && day_a == month_b) return typo;
  std::array<int, 8> digits_a{}, digits_b{};
  int different = 0, first = -1, last = -1;
  for (int i = 7; i >= 0; --i, a /= 10, b /= 10) {
    digits_a[static_cast<std::size_t>(i)] = static_cast<int>(a % 10);
    digits_b[static_cast<std::size_t>(i)] = static_cast<int>(b % 10);
    if (a % 10 == b % 10) continue;
    ++different;
    first = i;
    if (last < 0) last = i;
  }
  if (different == 1) return typo;
  const auto exchanged = [&](int i, int j) {
    return digits_a[static_cast<std::size_t>(i)] == digits_b[static_cast<std::size_t>(j)] &&
           digits_a[static_cast<std::size_t>(j)] == digits_b[static_cast<std::size_t>(i)];
  };
  if (different == 2 && last == first + 1 && exchanged(first, last)) return typo;
  const int same = (year_a == year_b) + (month_a == month_b) + (day_a == day_b);
  if (different == 2 || same == 2) return near;
  return year_a == year_b ? year : other;
}

/// A slip or two in one address. Digits tell people of one name apart: they must be the same.
bool Comparer::one_address(const Email& one, const Email& two) const {
  constexpr int slips_max = 2;
  if (texts_distance(one.whole, two.whole, slips_max) > slips_max) return false;
  const auto digits = [this](TextId text) {
    std::string out;
    for (const char c : features_.words().text(text)) {
      if (c >= '0' && c <= '9') out += c;
    }
    return out;
  };
  return digits(one.local) == digits(two.local);
}

/// The local part of an address that both have at different domains is made of their name.
bool Comparer::named_after(std::uint32_t a, std::uint32_t b) const {
  constexpr std::size_t name_bytes_min = 4;
  const Dictionary& names = features_.names();
  for (const Email& one : features_.emails(a)) {
    for (const Email& two : features_.emails(b)) {
      if (one.local != two.local) continue;
      const std::string_view local = features_.words().text(one.local);
      for (const auto& forms :
           {features_.given(a), features_.surnames(a), features_.given(b), features_.surnames(b)}) {
        for (const TextId form : forms) {
          const std::string_view name = names.text(form);
          if (name.size() >= name_bytes_min && local.find(name) != std::string_view::npos) {
            return true;
          }
        }
      }
    }
  }
  return false;
}

std::uint8_t Comparer::email_level(std::uint32_t a, std::uint32_t b, TextId& value) {
  using namespace email_levels;
  std::uint8_t best = other;
  for (const Email& one : features_.emails(a)) {
    for (const Email& two : features_.emails(b)) {
      if (one.whole == two.whole) {
        value = one.whole;
        return exact;
      }
      if (one.local == two.local) {
        best = std::min(best, local);
      } else if (best > email_levels::close && one_address(one, two)) {
        best = email_levels::close;
      }
    }
  }
  return best;
}

std::uint8_t Comparer::phone_level(std::uint32_t a, std::uint32_t b, TextId& value) {
  using namespace phone_levels;
  std::uint8_t best = other;
  for (const Phone& one : features_.phones(a)) {
    for (const Phone& two : features_.phones(b)) {
      if (one.whole == two.whole) {
        value = one.whole;
        return exact;
      }
      if (one.tail == two.tail) {
        best = std::min(best, tail);
      } else if (best > typo && texts_distance(one.whole, two.whole, 1) == 1) {
        best = typo;
      }
    }
  }
  return best;
}

std::uint8_t Comparer::identifier_level(std::uint32_t a, std::uint32_t b, TextId& value) {
  using namespace identifier_levels;
  std::uint8_t best = silent;
  for (const Identifier& one : features_.identifiers(a)) {
    for (const Identifier& two : features_.identifiers(b)) {
      if (one.name_space != two.name_space) continue;
      if (one.value == two.value) {
        value = one.value;
        return exact;
      }
      const int distance = texts_distance(one.value, two.value, 2);
      const std::uint8_t level = distance == 1 ? typo : distance == 2 ? near : other;
      best = std::min(best, level);
    }
  }
  return best;
}

/// Lines that were not taken apart, or only one of them: a number in common, and half the words that the
/// shorter one has.
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
  // A street of this name is in many towns: where both are known to be in another, it is another one.
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

void Comparer::set(Agreement& agreement, std::size_t comparison, std::uint8_t level,
                   TextId value) const {
  if (comparison == no_comparison || level == silent) return;
  agreement.level[comparison] = model_.comparisons[comparison].place[level];
  agreement.value[comparison] = value;
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

void Comparer::compare(std::uint32_t a, std::uint32_t b, Agreement& agreement) {
  agreement.level.fill(silent);
  agreement.value.fill(0);
  const auto of = [this](Kind kind) { return of_kind_[static_cast<std::size_t>(kind)]; };
  const auto given_a = features_.given(a), given_b = features_.given(b);
  const auto surname_a = features_.surnames(a), surname_b = features_.surnames(b);
  std::uint8_t given = silent, surname = silent;
  if (!given_a.empty() && !given_b.empty()) given = given_level(given_a, given_b);
  if (!surname_a.empty() && !surname_b.empty()) {
    if (of(Kind::organization_name) != no_comparison) {
      const std::uint8_t level = organization_level(surname_a.front(), surname_b.front());
      set(agreement, of(Kind::organization_name), level, level == 0 ? surname_a.front() : 0);
    }
    surname = surname_level(surname_a, surname_b);
  }
  // Crossed names are one event: it stands in the given name, and the surname says nothing more.
  const bool may_be_crossed = given != silent && surname != silent &&
                              given >= given_levels::alike && surname >= surname_levels::alike;
  if (may_be_crossed && swapped(a, b)) {
    given = given_levels::swapped;
    surname = silent;
  }
  set(agreement, of(Kind::given_name), given, given == 0 ? given_a.front() : 0);
  set(agreement, of(Kind::surname), surname, surname == 0 ? surname_a.front() : 0);

  if (features_.birth(a) != 0 && features_.birth(b) != 0) {
    const std::uint8_t level = birth_level(features_.birth(a), features_.birth(b));
    set(agreement, of(Kind::birth_date), level, level == 0 ? features_.birth_id(a) : 0);
  }
  TextId value = 0;
  if (!features_.emails(a).empty() && !features_.emails(b).empty()) {
    const std::uint8_t level = email_level(a, b, value);
    // People of one name choose one local part: what the names said already is not said again.
    const bool names_agree = given < given_levels::other && surname < surname_levels::other;
    const bool again = level == email_levels::local && names_agree && named_after(a, b);
    set(agreement, of(Kind::email), again ? silent : level, value);
  }
  value = 0;
  if (!features_.phones(a).empty() && !features_.phones(b).empty()) {
    const std::uint8_t level = phone_level(a, b, value);
    set(agreement, of(Kind::phone), level, value);
  }
  value = 0;
  if (!features_.identifiers(a).empty() && !features_.identifiers(b).empty()) {
    const std::uint8_t level = identifier_level(a, b, value);
    set(agreement, of(Kind::identifier), level, value);
  }
  compare_places(a, b, agreement);
  for (std::size_t i = 0; i < model_.comparisons.size(); ++i) {
    if (model_.comparisons[i].kind != Kind::text) continue;
    const TextId one = features_.text(i, a), two = features_.text(i, b);
    if (one == 0 || two == 0) continue;
    if (one == two) {
      set(agreement, i, text_levels::exact, one);
    } else {
      set(agreement, i, texts_close(one, two) ? text_levels::close : text_levels::other, 0);
    }
  }
}

}  // namespace rondom::probabilistic
