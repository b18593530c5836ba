// E-mail addresses, telephone numbers and other identifiers.
#include <algorithm>
#include <string>

#include "pipeline/resolve/probabilistic/compare.h"
#include "pipeline/resolve/probabilistic/levels.h"

namespace rondom::probabilistic {

/// A slip or two in one address. Digits tell people of one name apart: they must be the same.
bool Comparer::one_address(const Email& one, const Email& two) const {
  constexpr int slips_max = 2;
  return one.digits == two.digits && texts_distance(one.whole, two.whole, slips_max) <= slips_max;
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
      if (one.whole == two.whole && one.whole != 0) {
        value = one.whole;
        return exact;
      }
      if (one.tail == two.tail) {
        best = std::min(best, tail);
      } else if (best > typo && one.whole != 0 && two.whole != 0 &&
                 texts_distance(one.whole, two.whole, 1) == 1) {
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

}  // namespace rondom::probabilistic
