#include "cli/shell_words.h"

namespace rondom::cli {

Result<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;  // of a word, which may be empty: ''
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (quote == '\0' && blank) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    // Within "…" a backslash is one, unless it stands before what would end the text or itself.
    const bool escapes =
        c == '\\' && i + 1 < text.size() &&
        (quote == '\0' || (quote == '"' && (text[i + 1] == '"' || text[i + 1] == '\\')));
    if (escapes) {
      words.back() += text[++i];
    } else if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return Error{ErrorCode::usage, std::string("a ") + quote + " is not closed"};
  return words;
}

}  // namespace rondom::cli
