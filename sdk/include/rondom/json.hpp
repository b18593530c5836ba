// Json: a small document for configuration, options, saved state and the replies of an API. Records
// are rather written by RecordWriter and JsonWriter, without a document.
//
// The parser is strict (RFC 8259): valid UTF-8, no duplicate member names, no trailing text, at
// most json_depth_max levels. Integers that fit 64 bits are exact; other numbers keep their text.
// One thread at a time per object.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_writer.hpp"
#include "result.hpp"

namespace rondom {
inline namespace sdk_v1 {

inline constexpr int json_depth_max = 64;

enum class JsonType : std::uint8_t { null, boolean, integer, decimal, text, list, object };

/// One JSON value with its children.
class Json {
 public:
  using Member = std::pair<std::string, Json>;

  Json() = default;  // null
  static Json object() { return Json(JsonType::object); }
  static Json list() { return Json(JsonType::list); }
  static Json of(std::string text) {
    Json json(JsonType::text);
    json.text_ = std::move(text);
    return json;
  }
  static Json of(std::int64_t number) {
    Json json(JsonType::integer);
    json.integer_ = number;
    return json;
  }
  static Json of_boolean(bool value) {
    Json json(JsonType::boolean);
    json.integer_ = value ? 1 : 0;
    return json;
  }

  JsonType type() const { return type_; }
  bool is_null() const { return type_ == JsonType::null; }
  bool is_boolean() const { return type_ == JsonType::boolean; }
  bool is_integer() const { return type_ == JsonType::integer; }
  bool is_number() const { return is_integer() || type_ == JsonType::decimal; }
  bool is_text() const { return type_ == JsonType::text; }
  bool is_list() const { return type_ == JsonType::list; }
  bool is_object() const { return type_ == JsonType::object; }

  // Each accessor answers for its own type; other types give false, 0 or empty.
  bool as_boolean() const { return is_boolean() && integer_ != 0; }
  std::int64_t as_integer() const { return is_integer() ? integer_ : 0; }
  double as_number() const {
    if (is_integer()) return static_cast<double>(integer_);
    double value = 0;
    if (type_ == JsonType::decimal) {
      std::from_chars(text_.data(), text_.data() + text_.size(), value);
    }
    return value;
  }
  /// Text of a string, or the digits of a decimal as they were written.
  const std::string& as_text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }

  /// The member of that name, or nullptr.
  const Json* find(std::string_view name) const {
    for (const Member& member : members_) {
      if (member.first == name) return &member.second;
    }
    return nullptr;
  }
  /// Text, integer or boolean member, or the fallback when it is absent or of another type.
  std::string text_or(std::string_view name, std::string_view fallback) const {
    const Json* found = find(name);
    return found != nullptr && found->is_text() ? found->text_ : std::string(fallback);
  }
  std::int64_t integer_or(std::string_view name, std::int64_t fallback) const {
    const Json* found = find(name);
    return found != nullptr && found->is_integer() ? found->integer_ : fallback;
  }
  bool boolean_or(std::string_view name, bool fallback) const {
    const Json* found = find(name);
    return found != nullptr && found->is_boolean() ? found->as_boolean() : fallback;
  }

  Json& set(std::string name, Json value) {
    for (Member& member : members_) {
      if (member.first == name) {
        member.second = std::move(value);
        return *this;
      }
    }
    members_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Json& push(Json value) {
    items_.push_back(std::move(value));
    return *this;
  }

  void write(JsonWriter& out) const {
    switch (type_) {
      case JsonType::null: out.null(); break;
      case JsonType::boolean: out.boolean(integer_ != 0); break;
      case JsonType::integer: out.integer(integer_); break;
      case JsonType::decimal: out.raw(text_); break;
      case JsonType::text: out.text(text_); break;
      case JsonType::list:
        out.begin_list();
        for (const Json& item : items_) item.write(out);
        out.end_list();
        break;
      case JsonType::object:
        out.begin_object();
        for (const Member& member : members_) {
          out.name(member.first);
          member.second.write(out);
        }
        out.end_object();
        break;
    }
  }
  std::string to_text() const {
    std::string out;
    JsonWriter writer(out);
    write(writer);
    return out;
  }

 private:
  friend class JsonParser;
  explicit Json(JsonType type) : type_(type) {}

  JsonType type_ = JsonType::null;
  std::int64_t integer_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

/// Recursive descent over one text. Use parse_json().
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  Result<Json> run() {
    Json json;
    skip_space();
    if (!value(json, 0)) return failure();
    skip_space();
    if (at_ != text_.size()) {
      fail("text after the end");
      return failure();
    }
    return json;
  }

 private:
  Failure failure() const {
    return {Code::data, "JSON, byte " + std::to_string(at_ + 1) + ": " + problem_};
  }
  bool fail(const char* problem) {
    if (problem_.empty()) problem_ = problem;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("a value is expected here");
    at_ += expected.size();
    return true;
  }

  bool value(Json& json, int depth) {
    if (depth >= json_depth_max) return fail("nested too deeply");
    switch (peek()) {
      case '{': return object(json, depth);
      case '[': return list(json, depth);
      case '"': json.type_ = JsonType::text; return string(json.text_);
      case 't': json = Json::of_boolean(true); return word("true");
      case 'f': json = Json::of_boolean(false); return word("false");
      case 'n': json = Json(); return word("null");
      default: return number(json);
    }
  }

  bool object(Json& json, int depth) {
    json.type_ = JsonType::object;
    ++at_;
    skip_space();
    if (peek() == '}') return ++at_, true;
    while (true) {
      skip_space();
      if (peek() != '"') return fail("a member name is expected here");
      Json::Member member;
      if (!string(member.first)) return false;
      skip_space();
      if (peek() != ':') return fail("':' is expected here");
      ++at_;
      skip_space();
      if (!value(member.second, depth + 1)) return false;
      json.members_.push_back(std::move(member));
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      if (peek() != '}') return fail("',' or '}' is expected here");
      ++at_;
      return unique_names(json);
    }
  }

  bool unique_names(const Json& json) {
    std::vector<std::string_view> names;
    names.reserve(json.members_.size());
    for (const Json::Member& member : json.members_) names.push_back(member.first);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) == names.end()) return true;
    return fail("a member name stands twice in the object that ends here");
  }

  bool list(Json& json, int depth) {
    json.type_ = JsonType::list;
    ++at_;
    skip_space();
    if (peek() == ']') return ++at_, true;
    while (true) {
      skip_space();
      json.items_.emplace_back();
      if (!value(json.items_.back(), depth + 1)) return false;
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      if (peek() != ']') return fail("',' or ']' is expected here");
      ++at_;
      return true;
    }
  }

  bool digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > from;
  }

  bool number(Json& json) {
    const std::size_t from = at_;
    bool whole = true;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      at_ = from;
      return fail("a value is expected here");
    }
    if (peek() == '.') {
      whole = false;
      ++at_;
      if (!digits()) return fail("a digit is expected here");
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return fail("a digit is expected here");
    }
    const std::string_view text = text_.substr(from, at_ - from);
    if (whole) {
      std::int64_t integer = 0;
      const auto end = std::from_chars(text.data(), text.data() + text.size(), integer);
      if (end.ec == std::errc()) {
        json = Json::of(integer);
        return true;
      }
    }
    json.type_ = JsonType::decimal;
    json.text_ = text;
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    out.clear();
    while (true) {
      if (at_ >= text_.size()) return fail("the text is not closed");
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character inside a text");
      const std::size_t length = detail::utf8_length(text_, at_);
      if (length == 0) return fail("bytes that are no UTF-8");
      out.append(text_.data() + at_, length);
      at_ += length;
    }
  }

  bool escape(std::string& out) {
    ++at_;
    const char c = peek();
    ++at_;
    switch (c) {
      case '"': out += '"'; return true;
      case '\\': out += '\\'; return true;
      case '/': out += '/'; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': return unicode_escape(out);
      default: return fail("an unknown escape");
    }
  }

  bool four_hex(std::uint32_t& unit) {
    if (text_.size() - at_ < 4) return fail("four hex digits are expected here");
    unit = 0;
    const auto end = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, unit, 16);
    if (end.ec != std::errc() || end.ptr != text_.data() + at_ + 4) {
      return fail("four hex digits are expected here");
    }
    at_ += 4;
    return true;
  }

  bool unicode_escape(std::string& out) {
    std::uint32_t point = 0;
    if (!four_hex(point)) return false;
    if (point >= 0xDC00 && point <= 0xDFFF) return fail("half of a surrogate pair");
    if (point >= 0xD800 && point <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") return fail("half of a surrogate pair");
      at_ += 2;
      std::uint32_t low = 0;
      if (!four_hex(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail("half of a surrogate pair");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, point);
    return true;
  }

  static void append_utf8(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) {
      out += static_cast<char>(0x80u | ((point >> shift) & 0x3Fu));
    };
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xC0u | (point >> 6));
      tail(0);
    } else if (point < 0x10000) {
      out += static_cast<char>(0xE0u | (point >> 12));
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xF0u | (point >> 18));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string problem_;
};

/// Code::data with byte and reason on bad text.
inline Result<Json> parse_json(std::string_view text) {
  return JsonParser(text).run();
}

}  // namespace sdk_v1
}  // namespace rondom
