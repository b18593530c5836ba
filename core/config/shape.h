// shape: does a file hold the keys and types of the registry? Private to config.
#pragma once

#include <string_view>

#include "config/config.h"

namespace rondom::config {

/// Checks a whole file against keys() and reports unknown and missing keys and wrong types. Readers
/// that follow may take what has the right type and pass over the rest in silence. A misspelt key
/// gets the name that was probably meant, after it was reported.
void check_shape(Node& root, std::string_view registry_file, Diagnostics& diagnostics);

/// "unknown key x" with the nearest of `known`, else the list of them. Returns the nearest.
std::string report_unknown(const Location& at, std::string_view what, std::string_view word,
                           const std::vector<std::string>& known, Diagnostics& diagnostics);

std::vector<std::string> choices_of(std::string_view choices);
std::string joined(const std::vector<std::string>& words);

/// "2%" -> 2.0, from 0% to 100%.
std::optional<double> parse_percent(std::string_view text);
/// "15m": a whole number above 0 and s, m, h, d or w, in microseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace rondom::config
