// expected_value: does a value hold what a test expects of it? Pure functions, any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "model/model.h"

namespace rondom::engine {

/// A scalar equals the value as people write it: numbers by value, times by instant, money as
/// "19.90 EUR". `~` is no value or an empty list. A list names every item in any order; a map may
/// leave members out.
bool matches(const config::Node& expected, const Value& actual);

/// Both on one line, as people write them: [a@example.com, 19.90 EUR], { usage: work }.
std::string shown(const config::Node& expected);
std::string shown(const Value& actual);

/// Pairs as many of `expected` with different ones of `actual` as there can be: the place of each
/// one's partner, or -1. Sizes are those of a test's lists.
std::vector<int> pair_up(std::size_t expected, std::size_t actual,
                         const std::function<bool(std::size_t, std::size_t)>& fits);

}  // namespace rondom::engine
