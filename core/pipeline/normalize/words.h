// words: countries, languages and gender words -> their codes. Pure functions over constant tables
// that are built once, at first use; any thread.
#pragma once

#include <span>
#include <string_view>

#include "pipeline/normalize/outcome.h"

namespace rondom::normalize {

/// ISO 3166-1 alpha-2 of a code (alpha-2, alpha-3) or a name in English, Dutch, German or French.
/// All take tidy text.
Outcome clean_country(std::string_view text, Arena& arena);
/// BCP 47 with at most a region ("nl", "fr-BE") of a tag, an ISO 639-2 code or a language name.
Outcome clean_language(std::string_view text, Arena& arena);
/// A code of the registry, a word or a salutation ("Sehr geehrte Frau") in those four languages,
/// Italian or Spanish, or ISO/IEC 5218.
Outcome clean_gender(std::string_view text);
/// A word of a fixed set, case, hyphens and spaces aside.
Outcome clean_code(std::string_view text, std::span<const std::string_view> codes);

/// Is this an assigned ISO 3166-1 alpha-2 code in capitals?
bool is_country_code(std::string_view code);

}  // namespace rondom::normalize
