// Encoding: from what people have to UTF-8. Pure functions and one ByteSource; one thread an
// object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bytes.h"

namespace rondom::file {

enum class Encoding : std::uint8_t { utf_8, windows_1252, iso_8859_1, utf_16le, utf_16be };

/// Name as written in options and states: "windows-1252".
std::string_view to_text(Encoding encoding);
std::optional<Encoding> encoding_from(std::string_view name);

/// By byte order mark, by the zero bytes of UTF-16, by whether the sample is UTF-8. `cut`: the text
/// goes on behind the sample. `always_utf_8`: formats that are UTF-8 by their definition (JSON) are
/// never taken for Windows-1252.
Encoding detect_encoding(std::string_view sample, bool cut, bool always_utf_8);

/// Length of a UTF-8 byte order mark at the start of `text`: 3 or 0.
inline std::size_t byte_order_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

/// Strict: no surrogates, no overlong forms.
bool is_utf8(std::string_view text);

/// Gives `below` as UTF-8, without its byte order mark. What is not valid in `encoding` becomes the
/// byte 0xFF, so that the record it stands in is found unreadable. Not for utf_8.
std::unique_ptr<ByteSource> transcode(Encoding encoding, ByteSource& below);

/// The same for one piece of text (samples).
std::string transcode_text(Encoding encoding, std::string_view text);

}  // namespace rondom::file
