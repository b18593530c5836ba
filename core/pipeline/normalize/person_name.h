// person_name: the parts of one person's name, put where they belong. Pure functions, any thread.
#pragma once

#include <array>
#include <string_view>

#include "base/arena.h"
#include "model/model.h"

namespace rondom::normalize {

struct NamePart {
  std::string_view value;  // empty = not there
  std::string_view raw;    // what the source said; null data = the value
  Rule rule = Rule::none;
};

/// The name.* attributes of one record, by id.
class PersonName {
 public:
  static constexpr AttributeId first = attribute::name_full;
  static constexpr AttributeId last = attribute::name_nickname;
  static constexpr std::size_t count = last - first + 1;
  static bool holds(AttributeId id) { return id >= first && id <= last; }

  NamePart& operator[](AttributeId id) { return parts_[static_cast<std::size_t>(id - first)]; }
  const NamePart& operator[](AttributeId id) const {
    return parts_[static_cast<std::size_t>(id - first)];
  }
  bool has(AttributeId id) const { return !(*this)[id].value.empty(); }
  /// Gives a part another text and remembers what it was made from and how. Moving and splitting
  /// count for more than a change of case.
  void change(AttributeId id, std::string_view value, Rule rule);
  /// Fills an empty part with a piece of another one.
  void take(AttributeId id, std::string_view value, const NamePart& from, Rule rule);
  bool same_values(const PersonName& other) const;

 private:
  std::array<NamePart, count> parts_;
};

/// Splits name.full where given name, initials and surname are missing; moves particles, suffixes,
/// titles and initials to their own part; rewrites ALL CAPS and all lower. What is uncertain stays
/// as it is, and a name that the rules would change time and again. Cleaning a clean name changes
/// nothing. Values are tidy text before and after.
void clean_person_name(PersonName& name, std::string_view country, Arena& arena);

/// The first of these steps alone; false when name.full is empty or stays whole.
bool split_full_name(PersonName& name, std::string_view country, Arena& arena);

}  // namespace rondom::normalize
