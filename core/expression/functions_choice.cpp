// Functions that choose between values or change what kind of value it is.
#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

bool is_nothing(const Value& value) {
  return value.is_null() || (value.is_text() && value.size() == 0);
}

bool default_value(Call& call, Value& out) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (!call.value(i, out)) return false;
    if (!is_nothing(out)) return true;
  }
  return true;
}

bool if_then(Call& call, Value& out) {
  Value condition;
  if (!call.value(0, condition)) return false;
  if (!condition.is_null() && condition.type() != ValueType::boolean) {
    return call.fail("the condition is neither true nor false");
  }
  if (!condition.is_null() && condition.as_boolean()) return call.value(1, out);
  out = Value();
  return !call.has(2) || call.value(2, out);
}

bool boolean(Call& call, Value& out) {
  static constexpr std::array<std::string_view, 11> yes{"true", "yes", "1",    "y",   "t",   "on",
                                                        "ja",   "j",   "wahr", "oui", "vrai"};
  static constexpr std::array<std::string_view, 11> no{
      "false", "no", "0", "n", "f", "off", "nee", "nein", "falsch", "non", "faux"};
  Value value;
  if (!call.value(0, value)) return false;
  if (value.is_null() || value.type() == ValueType::boolean) {
    out = value;
    return true;
  }
  std::string_view text;
  bool null = false;
  if (!call.text(0, text, null)) return false;
  const std::string word = lower_ascii(trim_ascii(text));
  out = Value();
  if (word.empty()) return true;
  for (const auto& [words, flag] : {std::pair(yes, true), std::pair(no, false)}) {
    for (const std::string_view each : words) {
      if (each != word) continue;
      out = Value::boolean(flag);
      return true;
    }
  }
  return call.fail("the text means neither true nor false");
}

bool parse_json(Call& call, Value& out) {
  if (!call.value(0, out)) return false;
  if (is_nothing(out)) {
    out = Value();
    return true;
  }
  if (!out.is_text()) return true;
  const std::string_view text = out.as_text();
  // Texts, and a member or item for every two bytes at most.
  if (!call.evaluation().reserve(text.size() * 2)) return false;
  JsonReader reader;
  Result<Value> parsed = reader.parse(text, *call.scope().arena);
  if (!parsed) return call.fail(parsed.error().message);
  out = *parsed;
  return true;
}

bool hash(Call& call, Value& out) {
  std::string_view text;
  bool null = false;
  if (!call.text(0, text, null)) return false;
  if (null) {
    out = Value();
    return true;
  }
  return call.evaluation().make_text(sha256_hex(text), out);
}

constexpr std::array<Function, 5> choice_table{{
    {{"default", "default(value, …)",
      "The first value that is neither null nor an empty text; null when there is none.",
      R"(.mobile | default(.phone, "none"))", R"({"mobile":"","phone":"+31201234567"})",
      R"("+31201234567")"},
     2,
     16,
     "v",
     StaticType::any,
     default_value,
     nullptr},
    {{"if", "if(condition, then[, else])",
      "One of two values; the other one is not evaluated. Null counts as false.",
      R"(if(.company == null, "person", "organization"))", R"({"company":"Acme"})",
      R"("organization")"},
     2,
     3,
     "bvv",
     StaticType::any,
     if_then,
     nullptr},
    {{"bool", "bool(value)",
      "True or false of a word (yes, no, 1, 0, ja, nee, oui, non, …). An empty text is null.",
      ".opted_in | bool", R"({"opted_in":"Ja"})", "true"},
     1,
     1,
     "t",
     StaticType::boolean,
     boolean,
     nullptr},
    {{"parse_json", "parse_json(text)",
      "The value that a JSON text holds. An empty text is null; what is no text stays as it is.",
      ".items | parse_json", R"({"items":"[{\"sku\":\"A1\"}]"})", R"([{"sku":"A1"}])"},
     1,
     1,
     "v",
     StaticType::any,
     parse_json,
     nullptr},
    {{"hash", "hash(value)", "SHA-256 of a text, 64 lower-case hexadecimal digits.",
      ".email | lower | hash", R"({"email":"Anna@example.com"})",
      R"("f7d54c22dda5b1780276601cd005909b70543fc4a6ba72d735b4cb9bbb611f01")"},
     1,
     1,
     "t",
     StaticType::text,
     hash,
     nullptr},
}};

}  // namespace

std::span<const Function> choice_functions() {
  return choice_table;
}

}  // namespace rondom::expression
