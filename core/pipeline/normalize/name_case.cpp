#include "pipeline/normalize/name_case.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/base.h"
#include "pipeline/normalize/name_words.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t run_letters_max = 5;

void append(std::string& out, UChar32 c) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  int32_t size = 0;
  UBool failed = false;
  U8_APPEND(bytes.data(), size, U8_MAX_LENGTH, c, failed);
  if (!failed) out.append(bytes.data(), static_cast<std::size_t>(size));
}

template <typename F>
void for_each_code_point(std::string_view text, F&& f) {
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, length, c);
    f(c);
  }
}

std::string lowered(std::string_view word) {
  std::string out;
  for_each_code_point(word, [&](UChar32 c) { append(out, u_tolower(c)); });
  constexpr std::string_view sigma = "σ";
  if (out.size() > sigma.size() && out.ends_with(sigma)) {
    out.replace(out.size() - sigma.size(), sigma.size(), "ς");
  }
  return out;
}

// The first letter at or after `at` becomes a capital.
void capitalise(std::string& word, std::size_t at) {
  const auto length = static_cast<int32_t>(word.size());
  auto position = static_cast<int32_t>(at);
  if (position >= length) return;
  const int32_t start = position;
  UChar32 c = 0;
  U8_NEXT(word.data(), position, length, c);
  if (c < 0) return;
  std::string capital;
  append(capital, u_totitle(c));
  word.replace(static_cast<std::size_t>(start), static_cast<std::size_t>(position - start),
               capital);
}

std::string upper_ascii_copy(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), upper_ascii_char);
  return text;
}

bool is_roman(std::string_view word) {
  return word == "ii" || word == "iii" || word == "iv";
}

std::string cased_initials(std::string word) {
  for (std::size_t at = 0; at < word.size(); ++at) {
    if (at == 0 || word[at - 1] == '.') capitalise(word, at);
  }
  return word;
}

std::string cased_word(std::string_view word, bool first, bool dutch) {
  std::string out = lowered(word);
  if (!first && is_particle(out)) return out;
  if (out.substr(0, 2) == "'t" || out.substr(0, 2) == "'s") return out;
  if (out.find('.') != std::string::npos && is_initial_word(out)) return cased_initials(out);
  if (!first && is_roman(out)) return upper_ascii_copy(std::move(out));
  capitalise(out, 0);
  if (dutch && out.substr(0, 2) == "Ij") out[1] = 'J';
  const std::size_t apostrophe = out.find('\'');
  if (apostrophe == 1 && out.size() > 3) capitalise(out, 2);
  if (out.size() > 4 && out.substr(0, 2) == "Mc") capitalise(out, 2);
  return out;
}

std::string initials_of_letters(std::string_view word) {
  std::string out;
  for_each_code_point(word, [&](UChar32 c) {
    append(out, u_totitle(c));
    out.push_back('.');
  });
  return out;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_run_of_letters(std::string_view word) {
  const LetterCase letters = letter_case(word);
  if (letters != LetterCase::all_capitals && letters != LetterCase::all_lower) return false;
  return word.find_first_of(".- '0123456789") == std::string_view::npos &&
         code_points(word) <= run_letters_max;
}

}  // namespace

LetterCase letter_case(std::string_view text) {
  bool upper_seen = false;
  bool lower_seen = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      for_each_code_point(text.substr(at), [&](UChar32 point) {
        if (point < 0) return;
        upper_seen = upper_seen || u_isupper(point);
        lower_seen = lower_seen || u_islower(point);
      });
      break;
    }
    upper_seen = upper_seen || (c >= 'A' && c <= 'Z');
    lower_seen = lower_seen || (c >= 'a' && c <= 'z');
  }
  if (upper_seen && lower_seen) return LetterCase::mixed;
  if (upper_seen) return LetterCase::all_capitals;
  return lower_seen ? LetterCase::all_lower : LetterCase::no_letters;
}

std::string_view to_name_case(std::string_view text, bool dutch, Arena& arena) {
  std::string out;
  out.reserve(text.size() + 4);
  bool first = true;
  while (!text.empty()) {
    const auto mark = text.find_first_of(" -");
    const auto word = text.substr(0, mark);
    if (!word.empty()) out += cased_word(word, first, dutch);
    first = false;
    if (mark == std::string_view::npos) break;
    out.push_back(text[mark]);
    text.remove_prefix(mark + 1);
  }
  return tidy(arena.copy(out), arena);  // letters and marks may compose in another case
}

std::string_view to_initials(std::string_view text, bool run, Arena& arena) {
  if (!is_utf8(text)) return text;
  if (run && is_run_of_letters(text)) return arena.copy(initials_of_letters(text));
  if (!are_initials(text)) return text;
  std::string out;
  std::string piece;
  const auto finish = [&] {
    if (piece.empty()) return;
    // A letter by itself is not lowered first: "İ" would lose its dot.
    std::string initial = code_points(piece) == 1 ? piece : lowered(piece);
    capitalise(initial, 0);
    if (initial == "Ij") initial = "IJ";
    out += initial;
    out.push_back('.');
    piece.clear();
  };
  for (const char c : text) {
    if (c != '.' && c != ' ' && c != '-') {
      piece.push_back(c);
      continue;
    }
    finish();
    if (c == '-') out.push_back(c);
  }
  finish();
  return out == text ? text : arena.copy(out);
}

}  // namespace rondom::normalize
