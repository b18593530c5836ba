// place: where a party lives, as text that is equal for one front door. Pure functions, any thread.
#pragma once

#include <functional>
#include <string_view>

namespace rondom {

/// Namespace under which places are looked up. No project can declare it: a place joins nobody.
inline constexpr std::string_view place_namespace = "\x01place";

/// Calls f once for each address of a party record that says where a door is: a postcode with a
/// house number, or a street with one and a locality. Addresses that are no longer true and those
/// of work are none. Written differently, one door may have two texts; two doors never have one.
void for_each_place(std::string_view bytes, const std::function<void(std::string_view)>& f);

}  // namespace rondom
