// grounds: is there more to two records than a name and a town? A model that was never fitted to
// the records does not know how common their names are: to it any name is as rare as the average
// one, and a namesake in a street of the same name looks like the same person. By such a model
// names and towns alone join nobody, whatever the weights add up to (docs/decisions/0074).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "pipeline/resolve/probabilistic/compare.h"

namespace rondom::probabilistic {

/// Of the comparisons of one model. Immutable, any thread.
class Grounds {
 public:
  explicit Grounds(const Model& model);
  /// Why an agreement is no reason to join by itself, or empty. Static text.
  std::string_view doubt(const Agreement& agreement) const;

 private:
  /// What a level says beside the names.
  enum class Says : std::uint8_t {
    nothing,
    number,      // issued to one person: of an account, a passport
    own,         // one person has it, and few others: a date of birth, an e-mail address
    home,        // the same front door, behind which others live too
    around,      // the same few houses, or a trade: a ground while nothing speaks against it
    against,     // both say it, and something else
    born_apart,  // both say when, and no slips of the pen explain it
    elsewhere    // both say how to reach them, and something else
  };
  static Says says_of(const Comparison& comparison, const Level& of);

  bool names_are_counted_ = true;
  std::array<std::array<Says, 8>, comparisons_max> says_{};
};

}  // namespace rondom::probabilistic
