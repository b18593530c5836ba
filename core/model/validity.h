// validity: from when until when a relation holds. Pure; any thread.
#pragma once

#include <string_view>

#include "base/base.h"

namespace rondom {

enum class Holds : std::uint8_t { now, no_longer, not_yet };

/// It holds from `valid_from` on and, from `valid_to` on, no longer; no_time = no bound.
Holds holds_at(Timestamp valid_from, Timestamp valid_to, Timestamp as_of);
/// The same of texts as a record has them; empty = no bound.
Holds holds_at(std::string_view valid_from, std::string_view valid_to, Timestamp as_of);

/// When one of the relations in these values (a profile's or a record's) next begins or ends to
/// hold after `as_of`; no_time = never.
Timestamp relations_change_at(std::string_view values, Timestamp as_of);

}  // namespace rondom
