// reference: what a map may hold besides expressions, by example. Every example is run as a test
// and is printed in docs/reference/maps.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rondom::map {

struct MapExample {
  std::string_view title;
  std::string_view meaning;
  std::string_view stream;  // YAML of one entry of `streams:`, of a source called shop
  std::string_view preset;  // YAML of the plugin's own mapping; empty = none
  std::string_view record;  // JSON
  std::string_view result;  // "person 7\n  name.given = Anna\n", or "refused: …\n", "filtered\n"
};
std::span<const MapExample> map_examples();

/// docs/reference/maps.md
std::string reference();

}  // namespace rondom::map
