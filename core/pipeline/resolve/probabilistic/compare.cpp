#include "pipeline/resolve/probabilistic/compare.h"

#include <algorithm>
#include <bit>

#include "model/nicknames.h"
#include "pipeline/resolve/probabilistic/folding.h"
#include "pipeline/resolve/probabilistic/levels.h"
#include "pipeline/resolve/probabilistic/similarity.h"

namespace rondom::probabilistic {
namespace {

// Winkler's similarity from which names count as somewhat alike.
constexpr double alike_min = 0.80;
constexpr int slips_max = 2;
constexpr double sounds_min = 0.70;  // and the same consonants

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

/// A few records have few pairs to remember.
std::size_t places_for(const Features& features) {
  constexpr std::size_t places_per_record = 16, places_max = 1u << 16;
  return std::min(places_max,
                  std::bit_ceil(places_per_record * (features.size() + std::size_t{1})));
}

}  // namespace

Comparer::Comparer(const Model& model, const Features& features)
    : model_(model),
      features_(features),
      names_(places_for(features)),
      texts_(places_for(features)) {
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
    // Names of one stem are not close: Darla and Darletta.
    if ((similarity >= close_min && edits(left, right, slips_max) <= slips_max) ||
        (possible && std::min(left.size(), right.size()) >= slip_bytes_min &&
         edits(left, right, 1) == 1)) {
      bits |= alike | close;
    }
    if ((bits & close) == 0 && features_.sound(a) != 0 &&
        features_.sound(a) == features_.sound(b) && jaro_winkler(left, right) >= sounds_min) {
      bits |= alike | close;
    }
    if (begins_the_same(left, right)) bits |= alike;
    if (are_nicknames(left, right)) {
      bits |= nickname;
    } else if (features_.is_given_name(a) && features_.is_given_name(b)) {
      bits |= unrelated;
    }
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

void Comparer::set(Agreement& agreement, std::size_t comparison, std::uint8_t level,
                   TextId value) const {
  if (comparison == no_comparison || level == silent) return;
  agreement.level[comparison] = model_.comparisons[comparison].place[level];
  agreement.value[comparison] = value;
}

void Comparer::compare(std::uint32_t a, std::uint32_t b, Agreement& agreement) {
  agreement.level.fill(silent);
  agreement.value.fill(0);
  const auto of = [this](Kind kind) { return of_kind_[static_cast<std::size_t>(kind)]; };
  const auto given_a = features_.given(a), given_b = features_.given(b);
  const auto surname_a = features_.surnames(a), surname_b = features_.surnames(b);
  std::uint8_t given = silent, surname = silent;
  // What is written in two scripts, and could not be brought into one, says nothing.
  const auto comparable = [this](std::span<const TextId> one, std::span<const TextId> other) {
    return !one.empty() && !other.empty() &&
           is_foreign(features_.names().text(one.front())) ==
               is_foreign(features_.names().text(other.front()));
  };
  if (comparable(given_a, given_b)) given = given_level(given_a, given_b);
  if (comparable(surname_a, surname_b)) {
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
  } else if (surname != silent && surname >= surname_levels::alike &&
             (maiden_name(a, b) || maiden_name(b, a))) {
    surname = surname_levels::part;
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
    // People of one name choose one local part: what the names said already is not said again, and
    // what remains is another address.
    const bool names_agree = given == given_levels::swapped ||
                             (given < given_levels::unlike && surname < surname_levels::other);
    const bool again = level == email_levels::local && names_agree && named_after(a, b);
    set(agreement, of(Kind::email), again ? email_levels::other : level, value);
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
