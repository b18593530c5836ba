// Functions over texts. Null in, null out, unless a function says otherwise.
#include <array>

#include "expression/function.h"
#include "expression/unicode_text.h"

namespace rondom::expression {

namespace {

bool changed_case(Call& call, Value& out, std::string (*change)(std::string_view)) {
  std::string_view text;
  bool null = false;
  out = Value();
  if (!call.text(0, text, null)) return false;
  if (null) return true;
  if (text.size() > limits::expression_output_bytes_max) return call.fail("the text is too long");
  return call.evaluation().make_text(change(text), out);
}

bool lower(Call& call, Value& out) {
  return changed_case(call, out, to_lower);
}

bool upper(Call& call, Value& out) {
  return changed_case(call, out, to_upper);
}

/// Bytes of the white space or control character that `text` starts with; 0 when it does not.
std::size_t leading_space(std::string_view text) {
  const auto byte = [&](std::size_t at) { return std::uint8_t(text[at]); };
  if (byte(0) <= 0x20 || byte(0) == 0x7f) return 1;
  if (text.size() >= 2 && byte(0) == 0xc2 && (byte(1) == 0xa0 || byte(1) <= 0x9f)) return 2;
  if (text.size() < 3) return 0;
  // U+2000-U+200B, U+2028, U+2029, U+202F, U+3000, U+FEFF
  const bool general = byte(0) == 0xe2 && byte(1) == 0x80 &&
                       (byte(2) <= 0x8b || byte(2) == 0xa8 || byte(2) == 0xa9 || byte(2) == 0xaf);
  const bool ideographic = byte(0) == 0xe3 && byte(1) == 0x80 && byte(2) == 0x80;
  const bool mark = byte(0) == 0xef && byte(1) == 0xbb && byte(2) == 0xbf;
  return general || ideographic || mark ? 3 : 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t space = leading_space(text);
    if (space == 0) break;
    text.remove_prefix(space);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (std::uint8_t(text[start]) & 0xc0) == 0x80) --start;
    if (leading_space(text.substr(start)) != text.size() - start) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

bool trim(Call& call, Value& out) {
  std::string_view text;
  bool null = false;
  out = Value();
  if (!call.text(0, text, null)) return false;
  if (!null) out = Value::text(trimmed(text));
  return true;
}

bool replace(Call& call, Value& out) {
  std::string_view text;
  std::string_view from;
  std::string_view to;
  bool null = false;
  bool no_from = false;
  bool no_to = false;
  out = Value();
  if (!call.text(0, text, null) || !call.text(1, from, no_from) || !call.text(2, to, no_to)) {
    return false;
  }
  if (null) return true;
  if (no_from || from.empty()) return call.fail("there is nothing to look for");
  std::string made;
  std::size_t at = 0;
  for (std::size_t found = text.find(from); found != std::string_view::npos;
       found = text.find(from, at)) {
    made += text.substr(at, found - at);
    made += to;
    at = found + from.size();
    if (made.size() > limits::expression_output_bytes_max)
      return call.fail("the text gets too long");
  }
  if (at == 0) {
    out = Value::text(text);
    return true;
  }
  made += text.substr(at);
  return call.evaluation().make_text(made, out);
}

bool split_text(Call& call, Value& out) {
  std::string_view text;
  std::string_view separator;
  bool null = false;
  bool no_separator = false;
  out = Value();
  if (!call.text(0, text, null) || !call.text(1, separator, no_separator)) return false;
  if (null) return true;
  if (no_separator || separator.empty()) return call.fail("there is no separator");
  ListMaker parts(call.evaluation());
  while (!text.empty()) {
    const std::size_t found = text.find(separator);
    if (!parts.add(Value::text(text.substr(0, found)))) return false;
    if (found == std::string_view::npos) break;
    text.remove_prefix(found + separator.size());
    if (text.empty() && !parts.add(Value::text(""))) return false;
  }
  out = parts.list();
  return true;
}

bool append_part(Call& call, const Value& value, std::string& made) {
  if (value.is_list() || value.is_object()) {
    return call.fail(std::string("a text is needed, and this is of type ") +
                     rondom::to_text(value.type()));
  }
  made += value.to_text(*call.scope().arena);
  if (made.size() > limits::expression_output_bytes_max) return call.fail("the text gets too long");
  return true;
}

bool join(Call& call, Value& out) {
  Value given;
  std::string_view separator;
  bool no_separator = false;
  if (!call.value(0, given)) return false;
  if (call.has(1) && !call.text(1, separator, no_separator)) return false;
  out = Value();
  if (given.is_null()) return true;
  const Value whole = given.is_list() ? given : Value::list(&given, 1);
  std::string made;
  bool first = true;
  for (std::uint32_t i = 0; i < whole.size(); ++i) {
    const Value item = whole.item(i);
    if (item.is_null()) continue;
    if (!first) made += separator;
    first = false;
    if (!append_part(call, item, made)) return false;
  }
  return call.evaluation().make_text(made, out);
}

bool concat(Call& call, Value& out) {
  std::string made;
  bool any = false;
  for (std::size_t i = 0; i < call.count(); ++i) {
    Value part;
    if (!call.value(i, part)) return false;
    if (part.is_null()) continue;
    any = true;
    if (!append_part(call, part, made)) return false;
  }
  out = Value();
  return !any || call.evaluation().make_text(made, out);
}

constexpr std::array<Function, 7> text_table{{
    {{"lower", "lower(text)", "The text in lower case.", ".email | lower",
      R"({"email":"ANNA@Example.COM"})", R"("anna@example.com")"},
     1,
     1,
     "t",
     StaticType::text,
     lower,
     nullptr},
    {{"upper", "upper(text)", "The text in upper case.", ".country | upper", R"({"country":"nl"})",
      R"("NL")"},
     1,
     1,
     "t",
     StaticType::text,
     upper,
     nullptr},
    {{"trim", "trim(text)", "The text without white space and control characters at its ends.",
      ".name | trim", R"({"name":"  Anna \n"})", R"("Anna")"},
     1,
     1,
     "t",
     StaticType::text,
     trim,
     nullptr},
    {{"replace", "replace(text, from, to)", "The text with every `from` replaced by `to`.",
      R"(.phone | replace("-", ""))", R"({"phone":"06-12-34"})", R"("061234")"},
     3,
     3,
     "t",
     StaticType::text,
     replace,
     nullptr},
    {{"split", "split(text, separator)",
      "The parts of a text as a list. An empty text has no parts.", R"(.tags | split(";"))",
      R"({"tags":"vip;new"})", R"(["vip","new"])"},
     2,
     2,
     "t",
     StaticType::list,
     split_text,
     nullptr},
    {{"join", "join(list[, separator])",
      "The items of a list as one text, without the null ones. One value stands for a list of one.",
      R"(.streets | join(" "))", R"({"streets":["Kerkstraat",null,"12"]})", R"("Kerkstraat 12")"},
     1,
     2,
     "vt",
     StaticType::text,
     join,
     nullptr},
    {{"concat", "concat(value, …)",
      "The values one after another as one text, without the null ones; null when all are.",
      R"(concat(.street, " ", .number))", R"({"street":"Kerkstraat","number":12})",
      R"("Kerkstraat 12")"},
     1,
     32,
     "t",
     StaticType::text,
     concat,
     nullptr},
}};

}  // namespace

std::span<const Function> text_functions() {
  return text_table;
}

}  // namespace rondom::expression
