#include "pipeline/resolve/probabilistic/latin.h"

#include <unicode/translit.h>
#include <unicode/uscript.h>

#include <algorithm>

namespace rondom::probabilistic {

struct Latin::Inside {
  std::unique_ptr<icu::Transliterator> letters;
  bool failed = false;
};

Latin::Latin() : inside_(std::make_unique<Inside>()) {}
Latin::~Latin() = default;

namespace {

bool is_latin(const icu::UnicodeString& text) {
  for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    UErrorCode error = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(text.char32At(at), &error);
    if (script != USCRIPT_LATIN && script != USCRIPT_COMMON && script != USCRIPT_INHERITED) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string Latin::of(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0x80u) == 0;
  });
  if (ascii || inside_->failed) return std::string(text);
  icu::UnicodeString units = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  if (is_latin(units)) return std::string(text);
  if (inside_->letters == nullptr) {
    UErrorCode error = U_ZERO_ERROR;
    inside_->letters.reset(icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower",
                                                               UTRANS_FORWARD, error));
    inside_->failed = U_FAILURE(error) || inside_->letters == nullptr;
    if (inside_->failed) return std::string(text);
  }
  inside_->letters->transliterate(units);
  std::string out;
  units.toUTF8String(out);
  return out;
}

bool is_han_name(std::string_view text) {
  constexpr int32_t characters_least = 2, characters_most = 3;
  const icu::UnicodeString units = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const int32_t count = units.countChar32();
  if (count < characters_least || count > characters_most) return false;
  for (int32_t at = 0; at < units.length(); at = units.moveIndex32(at, 1)) {
    UErrorCode error = U_ZERO_ERROR;
    if (uscript_getScript(units.char32At(at), &error) != USCRIPT_HAN) return false;
  }
  return true;
}

}  // namespace rondom::probabilistic
