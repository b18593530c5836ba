#include "config/traps.h"

#include <algorithm>
#include <array>

#include "base/base.h"

namespace rondom::config {
namespace {

constexpr std::size_t tab_errors_max = 20;  // a file that indents with tabs does so everywhere

bool check_characters(const SourceText& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != 0x7F) continue;
    if (byte == '\n' || byte == '\t') continue;
    if (byte == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (byte == '\r') {
      diagnostics.error(source.at(i), "a carriage return without a line feed",
                        "end lines with LF (or CR LF)");
    } else {
      diagnostics.error(source.at(i), byte == 0 ? "a NUL byte; project files are UTF-8 text"
                                                : "a control character; project files are text");
    }
    return false;
  }
  return true;
}

bool check_indentation(const SourceText& source, Diagnostics& diagnostics) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < source.lines() && found < tab_errors_max; ++i) {
    const std::string_view line = source.line(i);
    const std::size_t content = line.find_first_not_of(" \t");
    const std::size_t tab = line.find('\t');
    if (content == std::string_view::npos || tab >= content) continue;
    diagnostics.error(source.at(source.offset_of(i, tab)), "a tab in the indentation",
                      "indent with spaces");
    ++found;
  }
  return found == 0;
}

bool check_directives(const SourceText& source, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < source.lines(); ++i) {
    const std::string_view line = trim_ascii(source.line(i));
    if (line.empty() || line.front() == '#') continue;
    if (source.line(i).front() != '%') return true;
    diagnostics.error(source.at(source.offset_of(i, 0)),
                      "%-directives are not used in project files");
    return false;
  }
  return true;
}

}  // namespace

bool check_bytes(const SourceText& source, Diagnostics& diagnostics) {
  if (!is_utf8(source.text())) {
    for (std::size_t i = 0; i < source.lines(); ++i) {
      if (is_utf8(source.line(i))) continue;
      diagnostics.error(source.at(source.offset_of(i, 0)), "this line is not valid UTF-8",
                        "save the file as UTF-8");
      break;
    }
    return false;
  }
  return check_characters(source, diagnostics) && check_indentation(source, diagnostics) &&
         check_directives(source, diagnostics);
}

bool looks_cut(std::string_view plain) {
  bool in_quotes = false;
  int open = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (in_quotes) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_quotes = false;
      }
      continue;
    }
    if (c == '"') in_quotes = true;
    if (c == '(' || c == '[') ++open;
    if (c == ')' || c == ']') --open;
  }
  return in_quotes || open > 0;
}

bool is_doubtful_word(std::string_view plain) {
  static constexpr std::array<std::string_view, 12> words = {
      "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"};
  return std::find(words.begin(), words.end(), plain) != words.end();
}

std::size_t quoted_length(std::string_view from_opening_quote) {
  if (from_opening_quote.empty()) return 0;
  const char quote = from_opening_quote.front();
  for (std::size_t i = 1; i < from_opening_quote.size(); ++i) {
    const char c = from_opening_quote[i];
    if (quote == '"' && c == '\\') {
      ++i;
    } else if (c == quote) {
      const bool doubled =
          quote == '\'' && i + 1 < from_opening_quote.size() && from_opening_quote[i + 1] == quote;
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return 0;
}

}  // namespace rondom::config
