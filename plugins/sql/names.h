// Names: what a misspelt name was meant to be. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rondom::sql {

/// "; did you mean orders?", or nothing when no name is near.
std::string suggestion(std::string_view given, const std::vector<std::string>& names);

}  // namespace rondom::sql
