// age: is somebody old enough for a purpose? Every doubt counts as too young. Pure functions; any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/base.h"
#include "config/config.h"

namespace rondom::activate {

/// The highest age that any of these countries asks for, 0 when none does. Of nobody's country: the
/// project's, and when there is none either, the highest that is configured.
int minimum_age(const config::Purpose& purpose, std::span<const std::string_view> countries);

/// When somebody of this birth date is certainly so old, wherever they are: 1980 may be the last
/// day of it, the 29th of February comes round on the 1st of March. nullopt when the date holds no
/// year.
std::optional<Timestamp> is_aged_at(std::string_view birth_date, int age);

}  // namespace rondom::activate
