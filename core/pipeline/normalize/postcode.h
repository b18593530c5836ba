// postcode: the written form of a country's postcodes. Pure functions, any thread.
#pragma once

#include <string_view>

#include "pipeline/normalize/outcome.h"

namespace rondom::normalize {

struct PostcodeReading {
  Outcome outcome;
  bool fits = true;   // false: the country's postcodes are known and this is none of them
  bool known = true;  // the forms of this country's postcodes are known
};

/// "1234ab" -> "1234 AB" for NL, and so on for most of Europe and the United States; elsewhere
/// trimmed capitals. A country letter before it ("B-1000") goes. Ranges that were never issued do
/// not fit: 00, 05, 43 and 62 in Germany, departments above 95 but 97 and 98 in France, letters
/// that Royal Mail leaves out. Takes tidy text.
PostcodeReading read_postcode(std::string_view text, std::string_view country, Arena& arena);

}  // namespace rondom::normalize
