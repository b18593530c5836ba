// latin: what is written in another script, in Latin letters, as passports and address labels do.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace rondom::probabilistic {

/// ICU's transliteration to Latin and from there to ASCII. One thread at a time; made on first use,
/// as its tables are large and most files need none.
class Latin {
 public:
  Latin();
  ~Latin();
  /// The text in Latin letters, or as it is where ICU has no rules for its script or nothing needs
  /// to change.
  std::string of(std::string_view text);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// Holds Chinese characters alone, as many as a name of a family and a person have: the family
/// comes first.
bool is_han_name(std::string_view text);

/// Begins with a letter of a script that Latin does not know: it cannot be compared with Latin
/// letters.
inline bool is_foreign(std::string_view folded) {
  return !folded.empty() && (static_cast<unsigned char>(folded.front()) & 0x80u) != 0;
}

}  // namespace rondom::probabilistic
