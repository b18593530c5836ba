// address: house numbers out of street lines. Pure functions, any thread.
#pragma once

#include <string_view>

namespace rondom::normalize {

struct StreetLine {
  std::string_view street, house_number, suffix;  // views of the text
};

/// "Kerkstraat 12 a-3" -> Kerkstraat, 12, a-3 where the number stands behind the street: in the
/// Netherlands, Belgium, Germany and most of their neighbours. False when there is no number to take,
/// or when it is uncertain ("Plein 1945").
bool split_street(std::string_view text, std::string_view country, StreetLine& line);
/// "12a", "12-3": the number and what follows it. False when there is nothing to take apart.
bool split_house_number(std::string_view text, StreetLine& line);

}  // namespace rondom::normalize
