#include <algorithm>

#include "base/text.h"
#include "config/config.h"
#include "config/source_text.h"

namespace rondom::config {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// The number grammar of RFC 8259: text when it does not match as a whole.
ScalarType number_type(std::string_view text) {
  std::size_t at = !text.empty() && text.front() == '-' ? 1 : 0;
  if (at >= text.size() || !is_digit(text[at])) return ScalarType::text;
  const bool leading_zero = text[at] == '0';
  const std::size_t digits = at;
  at = skip_digits(text, at);
  if (leading_zero && at - digits > 1) return ScalarType::text;
  ScalarType type = ScalarType::integer;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = ++at;
    at = skip_digits(text, at);
    if (at == fraction) return ScalarType::text;
    type = ScalarType::decimal;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(text, at);
    if (at == exponent) return ScalarType::text;
    type = ScalarType::decimal;
  }
  return at == text.size() ? type : ScalarType::text;
}

// Recursion is bounded by limits::config_depth_max, which the reader enforces.
void append_json(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::null: out += "null"; return;
    case Node::Kind::scalar:
      if (scalar_type(node) == ScalarType::text) {
        append_json_string(out, node.text);
      } else {
        out += node.text;
      }
      return;
    case Node::Kind::list:
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out += ',';
        append_json(node.items[i], out);
      }
      out += ']';
      return;
    case Node::Kind::map:
      out += '{';
      for (std::size_t i = 0; i < node.members.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, node.members[i].first.text);
        out += ':';
        append_json(node.members[i].second, out);
      }
      out += '}';
      return;
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

ScalarType scalar_type(const Node& scalar) {
  if (scalar.quoted) return ScalarType::text;
  if (scalar.text == "true" || scalar.text == "false") return ScalarType::boolean;
  return number_type(scalar.text);
}

std::string to_json(const Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

Location location_in(const Location& at, std::string_view text, std::size_t offset,
                     std::size_t length) {
  const auto total = static_cast<int>(count_characters(text));
  int quote = 0;
  if (at.length == total + 2) {
    quote = 1;
  } else if (at.length != total) {
    return at;
  }
  offset = std::min(offset, text.size());
  Location inside = at;
  inside.column += quote + static_cast<int>(count_characters(text.substr(0, offset)));
  inside.length = std::max(1, static_cast<int>(count_characters(text.substr(offset, length))));
  return inside;
}

}  // namespace rondom::config
