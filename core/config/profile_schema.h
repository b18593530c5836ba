// profile_schema: which fields a profile, the elements of its lists, an activity and an order line
// have, and of which type a part of an expression over them is. What audiences and attributes are
// checked by. Immutable; any thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "expression/ast.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::config {

/// What an object is, or the items of a list are.
/// The activities come in the order of their lists, and behind them the lists of a profile.
enum class Place : std::uint8_t {
  unknown,
  profile,
  line,
  order,
  event,
  opportunity,
  subscription,
  need,
  survey_answer,
  first_list
};

constexpr Place place_of_list(std::size_t list) {
  return static_cast<Place>(std::size_t(Place::order) + list);
}
static_assert(place_of_list(activity_lists_count - 1) == Place::survey_answer);

struct Shape {
  expression::StaticType type = expression::StaticType::any;
  Place place = Place::unknown;
};

expression::StaticType static_type(std::string_view attribute_type);

class ProfileSchema {
 public:
  /// `profile_fields`: names that a profile's value may have (segment::profile_fields), dotted for
  /// members.
  ProfileSchema(const Project& project, Entity entity, std::span<const std::string> profile_fields);

  /// False when this kind of object is known and has no such field.
  bool field(Place place, std::string_view name, Shape& out) const;
  /// Members of a field that has named ones: .name.given. True when nothing is known of them.
  bool member(std::string_view name, std::string_view member) const;
  std::vector<std::string> names(Place place) const;
  /// "an order line", "an element of addresses".
  std::string word_of(Place place) const;

 private:
  using Fields = std::map<std::string, Shape, std::less<>>;
  struct List {
    std::string name;
    Fields fields;
  };
  const Fields& fields(Place place) const;
  Place place_of_elements(const AttributeInfo& info);

  Fields profile_, line_, attributes_;
  std::vector<List> lists_;
  std::array<Fields, activity_lists_count> activities_;
  std::vector<std::string> dotted_;
};

/// What is wrong: bytes of the expression, 0-based.
using Report = std::function<void(std::size_t offset, std::size_t length, std::string message,
                                  std::string hint)>;

/// Of which type the whole of an expression that compiles is. Reports fields that do not exist, and
/// operands of types that never go together. `.` and `$` are the profile.
Shape shape_of(std::string_view text, const expression::Library* library,
               const ProfileSchema& schema, const Report& report);

}  // namespace rondom::config
