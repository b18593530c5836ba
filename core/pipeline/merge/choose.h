// choose: one value out of several, by one rule. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pipeline/merge/members.h"

namespace rondom::merge {

/// How restrictive a value is: death confirmed over presumed over alive; consent withdrawn over
/// denied over expired over granted; true over false; 0 for everything else.
int restrictiveness(AttributeId id, std::string_view value);

/// Index of the winner among `candidates`: at least one, at most one a member, all of one
/// attribute, the newest first. `death_of` gives each member's death.status, for death.date.
std::size_t choose(const CompiledRule& rule, std::span<const Entry> candidates,
                   const Ranking& ranking, std::span<const std::string_view> death_of);

/// Total order of two values of an attribute: numbers, times and money by value, else by bytes.
int compare_values(const AttributeInfo* info, std::string_view a, std::string_view b);

/// Characters of UTF-8 text.
std::size_t characters(std::string_view text);

}  // namespace rondom::merge
