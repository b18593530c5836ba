// Numbers as people and systems write them: "1.234,56", "€ 1 234.50", "-12".
#pragma once

#include <string_view>

#include "model/value.h"

namespace rondom::expression {

enum class NumberText { number, empty, none, ambiguous };

/// Reads `text`. `mark` is the decimal mark when it is known ('.' or ','), else 0: then the text
/// itself must tell, or the habit of `country` decides between 1.234 (thousand) and 1.234 (one and
/// a bit). Currency signs and codes around the number are passed over when `money` is true.
NumberText read_number(std::string_view text, char mark, std::string_view country, bool money,
                       Value& out);

}  // namespace rondom::expression
