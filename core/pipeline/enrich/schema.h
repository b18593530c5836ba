// schema: which fields a profile, an activity and an order line have, and of which type a part
// of an expression is. Private to enrich. Immutable; any thread.
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
#include "model/model.h"

namespace rondom::enrich {

/// What an object is, or the items of a list are.
/// The activities come in the order of their lists.
enum class Place : std::uint8_t {
  unknown,
  profile,
  line,
  order,
  event,
  opportunity,
  subscription,
  need,
  survey_answer
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

class Schema {
 public:
  Schema(const config::Project& project, Entity entity,
         std::span<const std::string> profile_fields);

  /// False when this kind of object is known and has no such field.
  bool field(Place place, std::string_view name, Shape& out) const;
  /// Members of a field that has named ones: .name.given. True when nothing is known of them.
  bool member(std::string_view name, std::string_view member) const;
  std::vector<std::string> names(Place place) const;
  bool is_attribute(std::string_view name) const { return attributes_.contains(name); }

 private:
  using Fields = std::map<std::string, Shape, std::less<>>;
  const Fields& fields(Place place) const;

  Fields profile_, line_, attributes_;
  std::array<Fields, activity_lists_count> activities_;
  std::vector<std::string> dotted_;
};

/// What is wrong: bytes of the expression, 0-based.
using Report = std::function<void(std::size_t offset, std::size_t length, std::string message,
                                  std::string hint)>;

/// Of which type the whole expression is; reports fields that do not exist. `.` and `$` are the profile.
Shape shape_of(const expression::Ast& ast, const Schema& schema, const Report& report);

}  // namespace rondom::enrich
