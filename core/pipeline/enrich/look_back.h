// look_back: how far back in what a customer did an expression looks, by what it says itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "expression/expression.h"

namespace rondom::enrich {

/// One use of a list of activities.
struct LookBack {
  std::size_t list = 0;              // of activity_lists()
  std::optional<std::int64_t> span;  // microseconds before the moment it is computed: within()
  std::optional<int> first_year;     // year(.at) == 2019, or > and >= of it
  bool is_bounded() const { return span.has_value() || first_year.has_value(); }
};

/// Every use; none of an expression that cannot be read.
std::vector<LookBack> look_backs(std::string_view expression, const expression::Library* library);

}  // namespace rondom::enrich
