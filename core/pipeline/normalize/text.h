// text: white space, control characters and Unicode normal form. Pure functions, any thread.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/arena.h"
#include "base/text.h"

namespace rondom::normalize {

inline bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline char lower_ascii_char(char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}
inline char upper_ascii_char(char c) {
  return static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}
bool all_digits(std::string_view text);  // false when empty
bool has_digit(std::string_view text);
bool is_ascii_text(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII

/// Trimmed, every run of white space and control characters one space, invisible characters gone,
/// NFC, and a wrong encoding repaired where that is certain (encoding.h). A view of `raw` where
/// that is possible, else in `arena`. Bytes that are no UTF-8 stay. Tidying twice changes nothing.
std::string_view tidy(std::string_view raw, Arena& arena);

enum class Encoding : unsigned char { fine, repaired, broken };
struct TidyText {
  std::string_view text;
  Encoding encoding = Encoding::fine;
};
/// As tidy(), and whether the encoding was repaired or is broken beyond certain repair.
TidyText tidy_text(std::string_view raw, Arena& arena);

/// "", "-", "--", "n/a", "null": the words of programs that have nothing to say. Takes tidy text.
bool says_nothing(std::string_view text);

/// Without the spaces around `text` and the commas behind it.
std::string_view trim_commas(std::string_view text);
/// Copies with ASCII letters changed; a view of `text` when there is nothing to change.
std::string_view lower(std::string_view text, Arena& arena);
std::string_view upper(std::string_view text, Arena& arena);
/// Without the bytes listed in `dropped`.
std::string_view without(std::string_view text, std::string_view dropped, Arena& arena);
std::string_view concatenate(std::initializer_list<std::string_view> pieces, Arena& arena);
/// "a, b", or the one that is not empty.
std::string_view join_by_comma(std::string_view a, std::string_view b, Arena& arena);

/// Unicode lower case of the root locale and NFC, for text beyond ASCII.
std::string_view lower_unicode(std::string_view text, Arena& arena);

}  // namespace rondom::normalize
