#include "pipeline/normalize/text.h"

#include <unicode/bytestream.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/base.h"
#include "pipeline/normalize/encoding.h"

namespace rondom::normalize {
namespace {

bool is_control_or_space(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7F;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_control_or_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_control_or_space(text.back())) text.remove_suffix(1);
  return text;
}

enum class Shape { clean, needs_collapsing, beyond_ascii };

Shape shape_of(std::string_view trimmed) {
  Shape shape = Shape::clean;
  char previous = 'x';
  for (const char c : trimmed) {
    if (static_cast<unsigned char>(c) >= 0x80) return Shape::beyond_ascii;
    const bool odd = c != ' ' && is_control_or_space(c);
    if (odd || (c == ' ' && previous == ' ')) shape = Shape::needs_collapsing;
    previous = c;
  }
  return shape;
}

bool is_space(UChar32 c) {
  return c <= ' ' || (c >= 0x7F && c <= 0xA0) || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Soft hyphens, zero width marks and marks of writing direction; joiners mean something and stay.
bool is_invisible(UChar32 c) {
  return c == 0xAD || c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string_view collapse(std::string_view text, Arena& arena) {
  auto* out = static_cast<char*>(arena.allocate(text.size() + 1, 1));
  std::size_t size = 0;
  bool pending = false;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < length;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, length, c);
    if (c >= 0 && is_invisible(c)) continue;
    if (c >= 0 && is_space(c)) {
      pending = size != 0;
      continue;
    }
    if (pending) out[size++] = ' ';
    pending = false;
    const auto bytes = static_cast<std::size_t>(at - start);
    std::memcpy(out + size, text.data() + start, bytes);
    size += bytes;
  }
  return {out, size};
}

// The bytes from `start` on until one that is no UTF-8.
int32_t end_of_utf8(std::string_view text, int32_t start) {
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t at = start; at < length;) {
    const int32_t before = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, length, c);
    if (c < 0) return before;
  }
  return length;
}

// Around bytes that are no UTF-8 too, so that a piece of a text is composed as the text is.
std::string_view compose(std::string_view text, Arena& arena) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  const auto length = static_cast<int32_t>(text.size());
  if (U_FAILURE(error) || nfc->isNormalizedUTF8({text.data(), length}, error)) return text;
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed);
  for (int32_t at = 0; at < length;) {
    const int32_t end = end_of_utf8(text, at);
    nfc->normalizeUTF8(0, {text.data() + at, end - at}, sink, nullptr, error);
    at = end;
    while (at < length && end_of_utf8(text, at) == at) {
      composed.push_back(text[static_cast<std::size_t>(at++)]);
    }
  }
  return U_FAILURE(error) || composed == text ? text : arena.copy(composed);
}

template <typename Change>
std::string_view changed_copy(std::string_view text, Arena& arena, Change change) {
  const auto first = std::find_if(text.begin(), text.end(), [&](char c) { return change(c) != c; });
  if (first == text.end()) return text;
  auto* out = static_cast<char*>(arena.allocate(text.size(), 1));
  std::transform(text.begin(), text.end(), out, change);
  return {out, text.size()};
}

}  // namespace

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit);
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_ascii_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower_ascii_char(x) == lower_ascii_char(y);
         });
}

// A repair comes first: what it reads as a byte would be white space to the others. What they take
// away may bring two halves of a broken character together, hence the rounds; each has less to
// repair.
TidyText tidy_text(std::string_view raw, Arena& arena) {
  const std::string_view trimmed = trim(raw);
  switch (shape_of(trimmed)) {
    case Shape::clean: return {trimmed};
    case Shape::needs_collapsing: return {collapse(trimmed, arena)};
    case Shape::beyond_ascii: break;
  }
  TidyText tidied{trimmed};
  for (bool settled = false; !settled;) {
    const std::string_view repaired = repair_encoding(tidied.text, arena);
    if (repaired != tidied.text) tidied.encoding = Encoding::repaired;
    const std::string_view collapsed = collapse(repaired, arena);
    const std::string_view composed = compose(collapsed, arena);
    settled = composed == tidied.text;
    if (!settled) tidied.text = composed;
  }
  if (has_broken_encoding(tidied.text)) tidied.encoding = Encoding::broken;
  return tidied;
}

std::string_view tidy(std::string_view raw, Arena& arena) {
  return tidy_text(raw, arena).text;
}

bool says_nothing(std::string_view text) {
  switch (text.size()) {
    case 0: return true;
    case 1: return text[0] == '-';
    case 2: return text == "--";
    case 3: return text == "n/a" || text == "N/A";
    case 4: return text == "null" || text == "NULL";
    default: return false;
  }
}

std::string_view trim_commas(std::string_view text) {
  text = trim_ascii(text);
  while (!text.empty() && text.back() == ',') text = trim_ascii(text.substr(0, text.size() - 1));
  return text;
}

std::string_view lower(std::string_view text, Arena& arena) {
  return changed_copy(text, arena, lower_ascii_char);
}

std::string_view upper(std::string_view text, Arena& arena) {
  return changed_copy(text, arena, upper_ascii_char);
}

std::string_view without(std::string_view text, std::string_view dropped, Arena& arena) {
  if (text.find_first_of(dropped) == std::string_view::npos) return text;
  auto* out = static_cast<char*>(arena.allocate(text.size(), 1));
  auto* end = std::copy_if(text.begin(), text.end(), out,
                           [&](char c) { return dropped.find(c) == std::string_view::npos; });
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view concatenate(std::initializer_list<std::string_view> pieces, Arena& arena) {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  auto* out = static_cast<char*>(arena.allocate(size + 1, 1));
  std::size_t at = 0;
  for (const auto piece : pieces) {
    if (!piece.empty()) std::memcpy(out + at, piece.data(), piece.size());
    at += piece.size();
  }
  return {out, size};
}

std::string_view join_by_comma(std::string_view a, std::string_view b, Arena& arena) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return concatenate({a, ", ", b}, arena);
}

std::string_view lower_unicode(std::string_view text, Arena& arena) {
  if (is_ascii_text(text)) return lower(text, arena);
  icu::UnicodeString units = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  units.toLower(icu::Locale::getRoot());
  std::string out;
  units.toUTF8String(out);
  return compose(arena.copy(out), arena);
}

}  // namespace rondom::normalize
