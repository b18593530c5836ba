#include "base/printable.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace rondom {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

bool is_plain(char c) {
  return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

/// Controls, and what changes the direction or the line of what follows it.
bool is_obeyed(std::uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

void write_escaped(std::string& out, std::uint32_t character) {
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "\\u%04x", static_cast<unsigned>(character));
  out += digits.data();
}

/// Bytes of the character that begins so; 0 = none does.
std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

bool has_its_rest(std::string_view bytes) {
  for (const char c : bytes.substr(1)) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) return false;
  }
  return true;
}

std::uint32_t decoded(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  std::uint32_t value =
      static_cast<unsigned char>(character[0]) & (0xffu >> (character.size() + 1));
  for (const char c : character.substr(1))
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
}

}  // namespace

std::string Printable::take(std::string_view piece) {
  const std::string text = std::exchange(waiting_, {}).append(piece);
  std::string_view left = text;
  std::string out;
  out.reserve(text.size());
  while (!left.empty()) {
    std::size_t plain = 0;
    while (plain < left.size() && is_plain(left[plain])) ++plain;
    out += left.substr(0, plain);
    left.remove_prefix(plain);
    if (left.empty()) break;
    bool passed = false;
    for (const std::string& one : allowed_) {
      if (left.starts_with(one)) {
        out += one;
        left.remove_prefix(one.size());
        passed = true;
        break;
      }
      if (std::string_view(one).starts_with(left)) {
        waiting_ = left;
        return out;
      }
    }
    if (passed) continue;
    const std::size_t length = length_of(static_cast<unsigned char>(left[0]));
    const std::string_view character = left.substr(0, length);
    if (length > left.size() && has_its_rest(left)) {
      waiting_ = left;
      return out;
    }
    if (length == 0 || character.size() < length || !is_utf8(character)) {
      out += replacement;
      left.remove_prefix(1);
      continue;
    }
    const std::uint32_t value = decoded(character);
    if (is_obeyed(value)) {
      write_escaped(out, value);
    } else {
      out += character;
    }
    left.remove_prefix(length);
  }
  return out;
}

std::string Printable::rest() {
  std::string out;
  for (const char c : std::exchange(waiting_, {})) {
    if (is_plain(c)) {
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      write_escaped(out, static_cast<unsigned char>(c));
    } else {
      out += replacement;
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  Printable all;
  std::string out = all.take(text);
  return out + all.rest();
}

std::string printable_line(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace rondom
