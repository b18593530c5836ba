// Functions that look inside texts by a pattern or a known form.
#include <array>

#include "base/text.h"
#include "expression/function.h"
#include "expression/unicode_text.h"

namespace rondom::expression {

namespace {

struct PreparedPattern final : Prepared {
  std::shared_ptr<const Pattern> pattern;
};

bool prepare_match(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>& out,
                   std::size_t& argument, Problem& problem) {
  argument = 1;
  auto prepared = std::make_shared<PreparedPattern>();
  prepared->pattern = compile_pattern(literals[1].as_text(), problem.message);
  if (prepared->pattern == nullptr) {
    problem.hint = R"(inside a text a backslash is written twice: "\\d+")";
    return false;
  }
  out = std::move(prepared);
  return true;
}

bool match(Call& call, Value& out) {
  std::string_view text;
  bool null = false;
  out = Value();
  if (!call.text(0, text, null)) return false;
  if (null) return true;
  if (text.size() > limits::expression_output_bytes_max) return call.fail("the text is too long");
  std::string found;
  switch (static_cast<const PreparedPattern*>(call.prepared())->pattern->search(text, found)) {
    case Pattern::Outcome::none: return true;
    case Pattern::Outcome::found: return call.evaluation().make_text(found, out);
    case Pattern::Outcome::too_slow: break;
  }
  return call.fail("the pattern takes too long on this text");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string without_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (escape) {
      out += char(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool url_param(Call& call, Value& out) {
  std::string_view url;
  std::string_view name;
  bool null = false;
  bool no_name = false;
  out = Value();
  if (!call.text(0, url, null) || !call.text(1, name, no_name)) return false;
  if (null || no_name) return true;
  url = url.substr(0, url.find('#'));
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) return true;
  for (const std::string_view pair : rondom::split(url.substr(question + 1), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (without_percent(pair.substr(0, equals)) != name) continue;
    const std::string value =
        equals == pair.size() ? std::string() : without_percent(pair.substr(equals + 1));
    if (!is_utf8(value) || value.find('\0') != std::string::npos) {
      return call.fail("the parameter is no text");
    }
    return call.evaluation().make_text(value, out);
  }
  return true;
}

constexpr std::array<Function, 2> pattern_table{{
    {{"match", "match(text, \"pattern\")",
      "What a regular expression finds first: its first group, or all of it when it has no group; "
      "null when nothing matches.",
      R"x(.subject | match("order (\\d+)"))x", R"({"subject":"Your order 20441 has shipped"})",
      R"("20441")"},
     2,
     2,
     "tl",
     StaticType::text,
     match,
     prepare_match},
    {{"url_param", "url_param(url, name)",
      "A parameter of a URL's query, decoded; null when it is not there.",
      R"(.url | url_param("utm_campaign"))",
      R"({"url":"https://example.com/?a=1&utm_campaign=spring%20sale#top"})", R"("spring sale")"},
     2,
     2,
     "tt",
     StaticType::text,
     url_param,
     nullptr},
}};

}  // namespace

std::span<const Function> pattern_functions() {
  return pattern_table;
}

}  // namespace rondom::expression
