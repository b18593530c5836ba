#include "encoding.h"

#include <string.h>

#include <algorithm>
#include <array>

#include "rondom/json.hpp"

namespace rondom::file {

namespace {

constexpr std::size_t input_bytes = 64u << 10;

/// Windows-1252 from 0x80 to 0x9F, as the WHATWG encoding standard has it.
constexpr std::array<char16_t, 32> windows_1252_high = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_utf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Transcoder {
 public:
  explicit Transcoder(Encoding encoding) : encoding_(encoding) {}

  void append(std::string_view in, std::string& out) {
    if (encoding_ == Encoding::utf_16le || encoding_ == Encoding::utf_16be) {
      append_utf16(in, out);
    } else {
      append_single_bytes(in, out);
    }
  }
  /// What was begun and never ended.
  void finish(std::string& out) {
    if (half_ || high_ != 0) out += '\xFF';
    half_ = false;
    high_ = 0;
  }

 private:
  void append_single_bytes(std::string_view in, std::string& out) const {
    for (const char c : in) {
      const auto byte = static_cast<unsigned char>(c);
      const bool mapped = encoding_ == Encoding::windows_1252 && byte >= 0x80 && byte < 0xA0;
      append_utf8(out, mapped ? windows_1252_high[byte - 0x80u] : byte);
    }
  }

  void append_utf16(std::string_view in, std::string& out) {
    for (const char c : in) {
      const auto byte = static_cast<unsigned char>(c);
      if (!half_) {
        first_ = byte;
        half_ = true;
        continue;
      }
      half_ = false;
      const bool little = encoding_ == Encoding::utf_16le;
      append_unit(static_cast<char16_t>(little ? first_ | (byte << 8) : (first_ << 8) | byte), out);
    }
  }

  void append_unit(char16_t unit, std::string& out) {
    const bool at_start = at_start_;
    at_start_ = false;
    if (at_start && unit == 0xFEFF) return;
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (high_ != 0) {
      const char16_t high = high_;
      high_ = 0;
      if (low) {
        append_utf8(out, 0x10000u + ((high - 0xD800u) << 10) + (unit - 0xDC00u));
        return;
      }
      out += '\xFF';
    } else if (low) {
      out += '\xFF';
      return;
    }
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      high_ = unit;
    } else {
      append_utf8(out, unit);
    }
  }

  Encoding encoding_;
  bool at_start_ = true;
  bool half_ = false;
  unsigned char first_ = 0;
  char16_t high_ = 0;
};

class TranscodedBytes final : public ByteSource {
 public:
  TranscodedBytes(Encoding encoding, ByteSource& below) : below_(below), transcoder_(encoding) {}

  std::ptrdiff_t read(char* into, std::size_t capacity) override {
    while (used_ == ready_.size()) {
      if (ended_) return 0;
      ready_.clear();
      used_ = 0;
      char input[input_bytes];
      const std::ptrdiff_t got = below_.read(input, sizeof input);
      if (got < 0) return fail(below_.failure());
      if (got == 0) {
        ended_ = true;
        transcoder_.finish(ready_);
      } else {
        transcoder_.append({input, static_cast<std::size_t>(got)}, ready_);
      }
    }
    const std::size_t size = std::min(capacity, ready_.size() - used_);
    memcpy(into, ready_.data() + used_, size);
    used_ += size;
    return static_cast<std::ptrdiff_t>(size);
  }
  bool seek(std::uint64_t) override { return false; }

 private:
  ByteSource& below_;
  Transcoder transcoder_;
  std::string ready_;
  std::size_t used_ = 0;
  bool ended_ = false;
};

/// UTF-16 of European text has a zero in nearly every unit, always on the same side.
std::optional<Encoding> by_zero_bytes(std::string_view sample) {
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i) {
    if (sample[i] == '\0') ++zeros[i & 1];
  }
  const std::size_t units = sample.size() / 2;
  if (units < 2) return std::nullopt;
  if (zeros[1] * 2 > units && zeros[0] * 8 < zeros[1]) return Encoding::utf_16le;
  if (zeros[0] * 2 > units && zeros[1] * 8 < zeros[0]) return Encoding::utf_16be;
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Encoding encoding) {
  static constexpr std::string_view names[] = {"utf-8", "windows-1252", "iso-8859-1", "utf-16le",
                                               "utf-16be"};
  return names[static_cast<std::size_t>(encoding)];
}

std::optional<Encoding> encoding_from(std::string_view name) {
  for (const Encoding encoding : {Encoding::utf_8, Encoding::windows_1252, Encoding::iso_8859_1,
                                  Encoding::utf_16le, Encoding::utf_16be}) {
    if (name == to_text(encoding)) return encoding;
  }
  return std::nullopt;
}

Encoding detect_encoding(std::string_view sample, bool cut, bool always_utf_8) {
  if (byte_order_mark(sample) != 0) return Encoding::utf_8;
  if (sample.starts_with("\xFF\xFE")) return Encoding::utf_16le;
  if (sample.starts_with("\xFE\xFF")) return Encoding::utf_16be;
  if (const auto found = by_zero_bytes(sample)) return *found;
  if (always_utf_8) return Encoding::utf_8;
  // One bad byte among good sequences is a damaged UTF-8 file, bad bytes alone are another
  // encoding.
  std::size_t good = 0;
  std::size_t bad = 0;
  for (std::size_t at = 0; at < sample.size();) {
    const std::size_t length = detail::utf8_length(sample, at);
    if (length > 1) ++good;
    // A sequence that the end of the sample cuts says nothing.
    if (length == 0 && !(cut && at + 3 >= sample.size())) ++bad;
    at += length == 0 ? 1 : length;
  }
  return bad > good ? Encoding::windows_1252 : Encoding::utf_8;
}

bool is_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    while (at + 8 <= text.size()) {
      std::uint64_t word = 0;
      memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080ull) != 0) break;
      at += 8;
    }
    for (; at < text.size() && static_cast<unsigned char>(text[at]) < 0x80; ++at) {
      if ((at & 7) == 0 && at + 8 <= text.size()) break;
    }
    if (at >= text.size()) return true;
    const std::size_t length = detail::utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::unique_ptr<ByteSource> transcode(Encoding encoding, ByteSource& below) {
  return std::make_unique<TranscodedBytes>(encoding, below);
}

std::string transcode_text(Encoding encoding, std::string_view text) {
  std::string out;
  Transcoder(encoding).append(text, out);
  return out;
}

}  // namespace rondom::file
