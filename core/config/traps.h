// traps: what YAML accepts silently and a person did not mean. Private to config. Pure functions.
#pragma once

#include <string_view>

#include "config/config.h"
#include "config/source_text.h"

namespace rondom::config {

/// Bytes that no project file may hold: invalid UTF-8, control characters, tabs as indentation,
/// lone carriage returns, %-directives. False when the text should not be parsed at all.
bool check_bytes(const SourceText& source, Diagnostics& diagnostics);

/// Does unquoted text end inside quotes or brackets, as when YAML cut it at ` #` or `,`?
bool looks_cut(std::string_view plain);

/// yes, no, on, off: booleans for some YAML readers, text for others.
bool is_doubtful_word(std::string_view plain);

/// Bytes from an opening quote up to and including the closing one; 0 when it is never closed.
std::size_t quoted_length(std::string_view from_opening_quote);

}  // namespace rondom::config
