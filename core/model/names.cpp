#include "model/names.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "model/nicknames.h"

namespace rondom {
namespace {

constexpr std::size_t name_parts_max = 16;
// Below the first number no letter may differ, below the second one, from it on two.
constexpr std::size_t letters_for_one_slip = 4;
constexpr std::size_t letters_for_two_slips = 8;
constexpr std::size_t letters_compared_max = 32;

enum class Kind : std::uint8_t { letter, separator, dropped };

constexpr Kind kind_of_ascii(unsigned char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
    return Kind::letter;
  }
  if (c <= ' ' || c == '-' || c == '.' || c == ',' || c == '/' || c == '_' || c == 0x7F) {
    return Kind::separator;
  }
  return Kind::dropped;
}

constexpr char lower(unsigned char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

// Appends letters and turns any run of separators between them into one space.
class Folded {
 public:
  explicit Folded(std::size_t bytes) { text_.reserve(bytes); }
  void separator() { pending_ = !text_.empty(); }
  void letter(char c) {
    flush();
    text_.push_back(c);
  }
  void letters(std::string_view bytes) {
    flush();
    text_.append(bytes);
  }
  void ascii(unsigned char c) {
    switch (kind_of_ascii(c)) {
      case Kind::letter: letter(lower(c)); break;
      case Kind::separator: separator(); break;
      case Kind::dropped: break;
    }
  }
  std::string take() { return std::move(text_); }

 private:
  void flush() {
    if (pending_) text_.push_back(' ');
    pending_ = false;
  }
  std::string text_;
  bool pending_ = false;
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string fold_ascii(std::string_view name) {
  Folded out(name.size());
  for (const char c : name) out.ascii(static_cast<unsigned char>(c));
  return out.take();
}

// Letters that have no decomposition but are written with plain ones elsewhere.
std::string_view plain_letters(UChar32 c) {
  switch (c) {
    case 0x00E6: return "ae";
    case 0x00F0: return "d";
    case 0x00F8: return "o";
    case 0x00FE: return "th";
    case 0x0111: return "d";
    case 0x0127: return "h";
    case 0x0131: return "i";
    case 0x0142: return "l";
    case 0x014B: return "n";
    case 0x0153: return "oe";
    case 0x0167: return "t";
    case 0x0259: return "a";  // Azerbaijani schwa
    default: return {};
  }
}

void append_utf8(Folded& out, UChar32 c) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  int32_t length = 0;
  UBool failed = false;
  U8_APPEND(bytes.data(), length, U8_MAX_LENGTH, c, failed);
  if (!failed) out.letters({bytes.data(), static_cast<std::size_t>(length)});
}

void fold_code_point(Folded& out, UChar32 c) {
  if (c < 0x80) {
    out.ascii(static_cast<unsigned char>(c));
  } else if (u_getCombiningClass(c) != 0) {
    return;
  } else if (const auto plain = plain_letters(c); !plain.empty()) {
    out.letters(plain);
  } else if (u_isUWhiteSpace(c) || u_iscntrl(c) || u_charType(c) == U_DASH_PUNCTUATION) {
    out.separator();
  } else if (!u_ispunct(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
    append_utf8(out, c);
  }
}

// A text of UTF-16 units that lives on the stack for names of normal length.
class Units {
 public:
  UChar* reserve(std::size_t count) {
    if (count <= small_.size()) return small_.data();
    large_.resize(count);
    return reinterpret_cast<UChar*>(large_.data());
  }

 private:
  std::array<UChar, 256> small_;
  std::u16string large_;
};

using Normalization = const UNormalizer2* (*)(UErrorCode*);

int32_t normalize_units(Normalization form, const UChar* from, int32_t size, Units& out,
                        const UChar*& result) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* normalizer = form(&error);
  if (U_FAILURE(error)) return -1;
  std::size_t capacity = static_cast<std::size_t>(size) * 4 + 32;
  UChar* to = out.reserve(capacity);
  int32_t written =
      unorm2_normalize(normalizer, from, size, to, static_cast<int32_t>(capacity), &error);
  if (error == U_BUFFER_OVERFLOW_ERROR) {
    error = U_ZERO_ERROR;
    capacity = static_cast<std::size_t>(written) + 1;
    to = out.reserve(capacity);
    written = unorm2_normalize(normalizer, from, size, to, static_cast<int32_t>(capacity), &error);
  }
  result = to;
  return U_FAILURE(error) ? -1 : written;
}

std::string fold_unicode(std::string_view name) {
  Units source_units;
  Units cased_units;
  Units decomposed_units;
  const std::size_t capacity = name.size() + 1;
  UChar* source = source_units.reserve(capacity);
  UErrorCode error = U_ZERO_ERROR;
  int32_t size = 0;
  u_strFromUTF8(source, static_cast<int32_t>(capacity), &size, name.data(),
                static_cast<int32_t>(name.size()), &error);
  if (U_FAILURE(error)) return fold_ascii(name);
  const UChar* cased = nullptr;
  size = normalize_units(unorm2_getNFKCCasefoldInstance, source, size, cased_units, cased);
  if (size < 0) return fold_ascii(name);
  const UChar* units = nullptr;
  size = normalize_units(unorm2_getNFKDInstance, cased, size, decomposed_units, units);
  if (size < 0) return fold_ascii(name);
  Folded out(name.size());
  for (int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U16_NEXT(units, at, size, c);
    fold_code_point(out, c);
  }
  return out.take();
}

struct Parts {
  std::array<std::string_view, name_parts_max> part;
  std::size_t count = 0;
};

Parts parts_of(std::string_view folded) {
  Parts parts;
  while (!folded.empty() && parts.count < name_parts_max) {
    const auto end = folded.find(' ');
    parts.part[parts.count++] = folded.substr(0, end);
    folded = end == std::string_view::npos ? std::string_view() : folded.substr(end + 1);
  }
  return parts;
}

std::size_t first_letter_bytes(std::string_view part) {
  std::size_t bytes = 1;
  while (bytes < part.size() && (static_cast<unsigned char>(part[bytes]) & 0xC0) == 0x80) ++bytes;
  return bytes;
}

bool is_initial(std::string_view part) {
  return !part.empty() && first_letter_bytes(part) == part.size();
}

bool same_first_letter(std::string_view a, std::string_view b) {
  const auto letter = a.substr(0, first_letter_bytes(a));
  return b.substr(0, letter.size()) == letter;
}

// "JA" and "JHM" are two or three initials written without full stops.
bool is_run_of_capitals(std::string_view name) {
  return name.size() >= 2 && name.size() <= 3 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

Parts initials_of_run(std::string_view folded) {
  Parts parts;
  for (std::size_t at = 0; at < folded.size(); ++at) {
    parts.part[parts.count++] = folded.substr(at, 1);
  }
  return parts;
}

bool parts_compatible(const Parts& a, const Parts& b) {
  const auto first_a = a.part[0];
  const auto first_b = b.part[0];
  if (!is_initial(first_a) && !is_initial(first_b)) {
    return first_a == first_b || are_nicknames(first_a, first_b);
  }
  const std::size_t shared = std::min(a.count, b.count);
  for (std::size_t at = 0; at < shared; ++at) {
    const bool either_initial = is_initial(a.part[at]) || is_initial(b.part[at]);
    if (either_initial && !same_first_letter(a.part[at], b.part[at])) return false;
    if (!either_initial && a.part[at] != b.part[at]) return false;
  }
  return true;
}

bool equal_without_spaces(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (true) {
    while (i < a.size() && a[i] == ' ') ++i;
    while (j < b.size() && b[j] == ' ') ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

// Letters added, left out, changed or exchanged with their neighbour on the way from one to the
// other.
constexpr std::size_t slips_between(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, letters_compared_max + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, changed});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string fold_name(std::string_view name) {
  return is_ascii(name) ? fold_ascii(name) : fold_unicode(name);
}

bool given_names_compatible(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::string folded_a = fold_name(a);
  const std::string folded_b = fold_name(b);
  if (folded_a.empty() || folded_b.empty()) return true;
  if (equal_without_spaces(folded_a, folded_b)) return true;
  const Parts parts_a = parts_of(folded_a);
  const Parts parts_b = parts_of(folded_b);
  if (parts_compatible(parts_a, parts_b)) return true;
  if (is_run_of_capitals(a) && !is_run_of_capitals(b)) {
    return parts_compatible(initials_of_run(folded_a), parts_b);
  }
  if (is_run_of_capitals(b) && !is_run_of_capitals(a)) {
    return parts_compatible(parts_a, initials_of_run(folded_b));
  }
  return false;
}

bool given_names_alike(std::string_view a, std::string_view b) {
  const std::string folded_a = fold_name(a);
  const std::string folded_b = fold_name(b);
  const std::string_view first_a = std::string_view(folded_a).substr(0, folded_a.find(' '));
  const std::string_view first_b = std::string_view(folded_b).substr(0, folded_b.find(' '));
  if (first_a == first_b) return true;
  const std::size_t letters = std::min(first_a.size(), first_b.size());
  const std::size_t most = std::max(first_a.size(), first_b.size());
  if (letters < letters_for_one_slip || most > letters_compared_max) return false;
  if (!is_ascii(first_a) || !is_ascii(first_b)) return false;
  const std::size_t slips = letters < letters_for_two_slips ? 1 : 2;
  return most - letters <= slips && slips_between(first_a, first_b) <= slips;
}

}  // namespace rondom
