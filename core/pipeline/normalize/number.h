// number: numbers, money and booleans as sources write them. Pure functions, any thread.
#pragma once

#include <string_view>

#include "pipeline/normalize/outcome.h"

namespace rondom::normalize {

/// JSON number syntax as it is; European and American grouping where it can mean one thing only:
/// "1.234,56" "1,234.56" "1 234,5" "12,5" "12,5-". "1,234" could be either and is refused.
Outcome clean_decimal(std::string_view text, Arena& arena);
/// As clean_decimal, and whole.
Outcome clean_integer(std::string_view text, Arena& arena);
/// "1990 EUR" (minor units, as the map makes it) stays; a number alone is an amount in `currency`;
/// a currency sign, word or code beside an amount wins over it: "€ 12,-", "12,50 euro", "CHF
/// 1'234.50". With one, "1.234" is a thousand and more where the currency has no thousandths. "-5",
/// "5-" and "(5)" are negative. "$" needs a dollar as `currency`.
Outcome clean_money(std::string_view text, std::string_view currency, Arena& arena);
Outcome clean_boolean(std::string_view text);

}  // namespace rondom::normalize
