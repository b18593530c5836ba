// Small text helpers that know nothing of the domain. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondom {

/// Strict UTF-8 (no surrogates, no overlong forms, up to U+10FFFF).
bool is_utf8(std::string_view bytes);

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::string_view trim_ascii(std::string_view text);
std::string lower_ascii(std::string_view text);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& words, std::string_view between);

/// "1,234,567" as people read counts in reports.
std::string with_thousands(std::int64_t number);

/// Damerau-Levenshtein distance (adjacent transpositions), stops counting above `limit`.
int edit_distance(std::string_view a, std::string_view b, int limit);

/// The candidate nearest to `word`, when it is near enough to be a plausible typing slip.
std::optional<std::string> did_you_mean(std::string_view word,
                                        std::span<const std::string> candidates);

struct OtherName {
  std::string_view theirs;  // lower-case letters only
  std::string_view ours;
};
/// What `word`, as other systems write it, is called here: case and all but letters are ignored;
/// empty when `names` has it not.
std::string_view called_here(std::string_view word, std::span<const OtherName> names);

/// Shell-style glob with `*` and `?`, ASCII case ignored. Linear time, no backtracking explosion.
bool glob_match(std::string_view pattern, std::string_view text);

/// Appends `text` as the inside of a JSON string (quotes not included); invalid UTF-8 becomes
/// U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);
/// Appends a complete JSON string with quotes.
void append_json_string(std::string& out, std::string_view text);

/// "jan@example.com" -> "j••@example.com", other text -> first character and dots. For run output.
std::string mask(std::string_view personal);

/// Copies at most `bytes` bytes without cutting a UTF-8 character; adds "…" when something was cut.
std::string excerpt(std::string_view text, std::size_t bytes);

}  // namespace rondom
