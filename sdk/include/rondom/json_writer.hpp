// JsonWriter: JSON text straight to the end of a string. No document, no allocation of its own.
// One thread at a time per object.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace rondom {
inline namespace sdk_v1 {

namespace detail {

/// Length of the valid UTF-8 sequence at `text[at]`, or 0. Strict: no overlong forms or surrogates.
inline std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

/// Can this byte stand in a JSON string as it is, without looking at its neighbours?
inline bool plain_json_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x20 && u < 0x80 && c != '"' && c != '\\';
}

inline void append_escape(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default:
      out += "\\u00";
      out += digits[(static_cast<unsigned char>(c) >> 4) & 15];
      out += digits[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace detail

/// Appends `text` as a JSON string with quotes; bytes that are no UTF-8 become U+FFFD.
inline void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t from = 0;
  std::size_t at = 0;
  const auto flush = [&] { out.append(text.data() + from, at - from); };
  while (at < text.size()) {
    if (detail::plain_json_byte(text[at])) {
      ++at;
      continue;
    }
    if (static_cast<unsigned char>(text[at]) >= 0x80) {
      if (const std::size_t length = detail::utf8_length(text, at); length != 0) {
        at += length;
        continue;
      }
      flush();
      out += "\xEF\xBF\xBD";
    } else {
      flush();
      detail::append_escape(out, text[at]);
    }
    from = ++at;
  }
  flush();
  out += '"';
}

/// Writes JSON straight to the end of a string. The caller keeps the structure right (a name before
/// each value of an object, every begin has its end); commas are the writer's business.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(&out), start_(out.size()) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_list() { return open('['); }
  JsonWriter& end_list() { return close(']'); }
  JsonWriter& name(std::string_view text) {
    separate();
    append_json_string(*out_, text);
    *out_ += ':';
    return *this;
  }
  JsonWriter& text(std::string_view value) {
    separate();
    append_json_string(*out_, value);
    return *this;
  }
  JsonWriter& integer(std::int64_t value) {
    separate();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
    out_->append(buffer, static_cast<std::size_t>(end.ptr - buffer));
    return *this;
  }
  /// Shortest text that reads back as the same number; null for what JSON cannot say.
  JsonWriter& number(double value) {
    if (!std::isfinite(value)) return null();
    separate();
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
    out_->append(buffer, static_cast<std::size_t>(end.ptr - buffer));
    return *this;
  }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  /// JSON text as it is.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_->append(json);
    return *this;
  }

 private:
  void separate() {
    if (out_->size() == start_) return;
    const char last = out_->back();
    if (last != '{' && last != '[' && last != ':') *out_ += ',';
  }
  JsonWriter& open(char bracket) {
    separate();
    *out_ += bracket;
    return *this;
  }
  JsonWriter& close(char bracket) {
    *out_ += bracket;
    return *this;
  }

  std::string* out_;
  std::size_t start_;
};

}  // namespace sdk_v1
}  // namespace rondom
