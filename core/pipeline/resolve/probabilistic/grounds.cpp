#include "pipeline/resolve/probabilistic/grounds.h"

#include <algorithm>

#include "pipeline/resolve/probabilistic/levels.h"

namespace rondom::probabilistic {

Grounds::Grounds(const Model& model) {
  for (std::size_t i = 0; i < model.comparisons.size(); ++i) {
    const Comparison& comparison = model.comparisons[i];
    const bool name = comparison.kind == Kind::given_name || comparison.kind == Kind::surname;
    if (name && comparison.frequencies.rest <= 0) names_are_counted_ = false;
    for (std::size_t level = 0; level < comparison.levels.size(); ++level) {
      says_[i][level] = says_of(comparison, comparison.levels[level]);
    }
  }
}

Grounds::Says Grounds::says_of(const Comparison& comparison, const Level& of) {
  constexpr double telling = 8;  // times as common with one person: an occupation, not a gender
  const auto names = level_names(comparison.kind);
  const auto level = std::find(names.begin(), names.end(), of.name) - names.begin();
  switch (comparison.kind) {
    case Kind::birth_date:
      if (level <= birth_levels::typo) return Says::own;
      return level <= birth_levels::near ? Says::around : Says::born_apart;
    case Kind::email: return level <= email_levels::close ? Says::own : Says::elsewhere;
    case Kind::phone:
      // Numbers are given out in rows: the next one is a colleague's.
      if (level <= phone_levels::tail) return Says::own;
      return level == phone_levels::typo ? Says::nothing : Says::elsewhere;
    case Kind::identifier: return level <= identifier_levels::near ? Says::number : Says::against;
    case Kind::address:
      if (level == address_levels::exact) return Says::home;
      return level == address_levels::near ? Says::around : Says::nothing;
    case Kind::postcode: return level <= postcode_levels::typo ? Says::around : Says::nothing;
    case Kind::text:
      return level == text_levels::exact && of.m >= telling * of.u ? Says::around : Says::nothing;
    case Kind::given_name:
    case Kind::surname:
    case Kind::organization_name:
    case Kind::locality: break;
  }
  return Says::nothing;
}

std::string_view Grounds::doubt(const Agreement& agreement) const {
  bool own = false, home = false, around = false, against = false, born_apart = false;
  int elsewhere = 0;
  for (std::size_t i = 0; i < says_.size(); ++i) {
    if (agreement.level[i] == silent) continue;
    switch (says_[i][agreement.level[i]]) {
      case Says::number: return {};
      case Says::own: own = true; break;
      case Says::home: home = true; break;
      case Says::around: around = true; break;
      case Says::against: against = true; break;
      case Says::born_apart: born_apart = true; break;
      case Says::elsewhere: ++elsewhere; break;
      case Says::nothing: break;
    }
  }
  if (home && born_apart) return "one door, and different birth dates";
  if (own || names_are_counted_) return {};
  constexpr int contact_points = 2;  // a person has one of each or so; another of both is another
  if (home && elsewhere < contact_points) return {};
  if (home) return "one door, and neither the same phone nor the same e-mail address";
  against = against || born_apart;
  if (around && !against && elsewhere == 0) return {};
  return against || elsewhere > 0 ? "little more than a name, and what else they say differs"
                                  : "little more than a name";
}

}  // namespace rondom::probabilistic
