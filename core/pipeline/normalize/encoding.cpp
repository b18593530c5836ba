#include "pipeline/normalize/encoding.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/base.h"

namespace rondom::normalize {
namespace {

constexpr UChar32 replacement = 0xFFFD;

// The characters that Windows-1252 has for the bytes 0x80 to 0x9F; 0 = none.
constexpr std::array<std::uint16_t, 32> windows_1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The byte that a program showed as `c`; -1 when there is none.
int byte_of(UChar32 c) {
  if (c <= 0xFF) return c;
  const auto* const found = std::find(windows_1252.begin(), windows_1252.end(), c);
  return found == windows_1252.end() ? -1 : 0x80 + static_cast<int>(found - windows_1252.begin());
}

bool is_letter_byte(unsigned char byte) {
  const bool high = byte < 0xA0 && byte >= 0x80 && windows_1252[byte - 0x80u] != 0;
  return u_isalpha(high ? UChar32{windows_1252[byte - 0x80u]} : UChar32{byte}) != 0;
}

bool is_plausible(UChar32 c) {
  return c >= 0xA0 && u_isdefined(c) != 0 && u_charType(c) != U_PRIVATE_USE_CHAR &&
         u_charType(c) != U_CONTROL_CHAR && c != replacement;
}

// "Ã" and "Â" before a byte of 0x80 to 0xBF, and any letter before a sign, stand in no word.
bool is_telling(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence.front());
  if (lead == 0xC2 || lead == 0xC3) return true;
  return std::any_of(sequence.begin() + 1, sequence.end(),
                     [](char c) { return !is_letter_byte(static_cast<unsigned char>(c)); });
}

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

bool to_bytes(std::string_view text, std::string& bytes) {
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, length, c);
    const int byte = c < 0 ? -1 : byte_of(c);
    if (byte < 0) return false;
    bytes.push_back(static_cast<char>(byte));
  }
  return true;
}

bool is_certain(std::string_view bytes) {
  bool telling = false;
  const auto length = static_cast<int32_t>(bytes.size());
  for (int32_t at = 0; at < length;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(bytes.data(), at, length, c);
    if (c < 0) return false;
    if (c < 0x80) continue;
    if (!is_plausible(c)) return false;
    telling = telling || is_telling(bytes.substr(static_cast<std::size_t>(start),
                                                 static_cast<std::size_t>(at - start)));
  }
  return telling;
}

// Two characters beyond ASCII side by side, the first of them a lead byte of UTF-8.
bool may_be_broken(std::string_view text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) != 0xC3) continue;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (second >= 0x82 && second <= 0xB4 && static_cast<unsigned char>(text[at + 2]) >= 0xC2) {
      return true;
    }
  }
  return false;
}

}  // namespace

// A broken character is a run beyond ASCII, or part of one: each run is judged by itself, so that
// pieces of a text are read as the text is. Each round at least halves a run that it repairs.
std::string_view repair_encoding(std::string_view text, Arena& arena) {
  while (may_be_broken(text)) {
    std::string out;
    std::string bytes;
    bool changed = false;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      const bool ascii = is_ascii(text[at]);
      while (end < text.size() && is_ascii(text[end]) == ascii) ++end;
      const auto run = text.substr(at, end - at);
      bytes.clear();
      const bool repair = !ascii && to_bytes(run, bytes) && is_certain(bytes);
      out.append(repair ? std::string_view(bytes) : run);
      changed = changed || repair;
      at = end;
    }
    if (!changed) break;
    text = arena.copy(out);
  }
  return text;
}

bool has_broken_encoding(std::string_view text) {
  if (text.find("\xEF\xBF\xBD") != std::string_view::npos) return true;
  for (std::size_t at = 0; at + 3 < text.size(); ++at) {
    if (text[at] != '\xC3' || (text[at + 1] != '\x82' && text[at + 1] != '\x83')) continue;
    int32_t next = static_cast<int32_t>(at) + 2;
    UChar32 c = 0;
    U8_NEXT(text.data(), next, static_cast<int32_t>(text.size()), c);
    const int byte = c < 0x80 ? -1 : byte_of(c);
    if (byte >= 0x80 && byte <= 0xBF) return true;
  }
  return false;
}

}  // namespace rondom::normalize
