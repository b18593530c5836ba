// Functions that make or change numbers and money. Null in, null out.
#include <algorithm>
#include <array>
#include <charconv>

#include "expression/exact.h"
#include "expression/function.h"
#include "expression/number_text.h"

namespace rondom::expression {

namespace {

bool number_of_text(Call& call, std::string_view text, char mark, bool money, Value& out) {
  if (text.size() > 256) return call.fail("the text is no number");
  out = Value();
  switch (read_number(text, mark, call.scope().country, money, out)) {
    case NumberText::number:
    case NumberText::empty: return true;
    case NumberText::none: break;
    case NumberText::ambiguous:
      return call.fail(
          "the text may mean thousands or a fraction, and no country decides; name the "
          "decimal mark");
  }
  return call.fail("the text is no number");
}

/// "1990 EUR", the canonical text of money.
bool money_of_text(std::string_view text, Value& out) {
  std::int64_t minor = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, minor);
  if (error != std::errc() || end - at != 4 || *at != ' ') return false;
  const std::string_view currency(at + 1, 3);
  const bool letters =
      std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (letters) out = Value::money(minor, currency);
  return letters;
}

Value amount_of(const Value& money) {
  return Value::decimal(money.minor_units(), currency_digits(money.currency()));
}

bool prepare_mark(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>&,
                  std::size_t& argument, Problem& problem) {
  if (literals.size() < 2) return true;
  argument = 1;
  const std::string_view mark = literals[1].as_text();
  if (mark == "." || mark == ",") return true;
  problem.message = "the decimal mark is \".\" or \",\"";
  return false;
}

bool number(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  if (value.is_null() || value.is_number()) {
    out = value;
    return true;
  }
  if (!value.is_text()) {
    return call.fail(std::string("no number can be made of type ") + rondom::to_text(value.type()));
  }
  char mark = 0;
  Value given;
  if (call.has(1)) {
    if (!call.value(1, given)) return false;
    mark = given.as_text().front();
  }
  return number_of_text(call, value.as_text(), mark, false, out);
}

bool amount(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  if (value.is_text()) {
    if (!money_of_text(value.as_text(), value) &&
        !number_of_text(call, value.as_text(), 0, true, value)) {
      return false;
    }
  }
  if (value.type() == ValueType::money) {
    out = amount_of(value);
    return true;
  }
  out = value;
  return value.is_null() || value.is_number() ||
         call.fail(std::string("no amount can be made of type ") + rondom::to_text(value.type()));
}

bool round_number(Call& call, Value& out) {
  constexpr std::int64_t digits_max = 12;
  Value value;
  Value digits = Value::integer(0);
  if (!call.value(0, value)) return false;
  if (call.has(1) && !call.value(1, digits)) return false;
  out = value;
  if (value.is_null()) return true;
  if (!value.is_number()) return call.fail("a number is needed; amount() takes it from money");
  if (digits.type() != ValueType::integer || digits.as_integer() < 0 ||
      digits.as_integer() > digits_max) {
    return call.fail("the digits after the point are a number from 0 to 12");
  }
  Exact exact = exact_of(value);
  if (exact.scale > digits.as_integer() && !round_to(exact, int(digits.as_integer()))) {
    return call.fail("the number has too many digits");
  }
  return value_of(exact, digits.as_integer() == 0, out) ||
         call.fail("the number has too many digits");
}

bool currency_of(Call& call, std::array<char, 3>& currency) {
  std::string_view text;
  bool null = false;
  if (!call.text(1, text, null)) return false;
  if (null || text.size() != 3) return call.fail("the currency is no code such as EUR");
  for (std::size_t i = 0; i < 3; ++i) {
    const char c = text[i] >= 'a' && text[i] <= 'z' ? char(text[i] - 'a' + 'A') : text[i];
    if (c < 'A' || c > 'Z') return call.fail("the currency is no code such as EUR");
    currency[i] = c;
  }
  return true;
}

bool money(Call& call, Value& out) {
  Value value;
  if (!call.value(0, value)) return false;
  if (value.is_text()) {
    const std::string_view text = value.as_text();
    if (!number_of_text(call, text, 0, true, value)) return false;
  }
  out = Value();
  if (value.is_null()) return true;
  std::array<char, 3> letters{};
  if (!currency_of(call, letters)) return false;
  const std::string_view currency(letters.data(), letters.size());
  if (value.type() == ValueType::money) {
    out = value;
    return value.currency() == currency || call.fail("the money is of another currency");
  }
  if (!value.is_number()) {
    return call.fail(std::string("no money can be made of type ") + rondom::to_text(value.type()));
  }
  Exact exact = exact_of(value);
  const int digits = currency_digits(currency);
  Value minor;
  if (!round_to(exact, digits) || !value_of({exact.coefficient, 0}, true, minor)) {
    return call.fail("the amount has too many digits");
  }
  out = Value::money(minor.as_integer(), currency);
  return true;
}

constexpr std::array<Function, 4> number_table{{
    {{"number", "number(text[, \"decimal mark\"])",
      "The number a text means. Where 1.234 may be either, the country of the record decides.",
      R"x(number("1.234,56"))x", "null", "1234.56"},
     1,
     2,
     "nl",
     StaticType::number,
     number,
     prepare_mark},
    {{"amount", "amount(money)", "Money as a number in its main unit.",
      R"x(.total | money("EUR") | amount)x", R"({"total":"€ 19,90"})", "19.9"},
     1,
     1,
     "n",
     StaticType::number,
     amount,
     nullptr},
    {{"round", "round(number[, digits])",
      "The number rounded to so many digits after the point, halves away from zero.",
      ".score | round", R"({"score":2.5})", "3"},
     1,
     2,
     "nn",
     StaticType::number,
     round_number,
     nullptr},
    {{"money", "money(number, currency)",
      "Money of that currency, rounded to its smallest unit, halves away from zero.",
      ".total | money(.currency)", R"({"total":"1.234,5","currency":"EUR"})", R"("123450 EUR")"},
     2,
     2,
     "nt",
     StaticType::money,
     money,
     nullptr},
}};

}  // namespace

std::span<const Function> number_functions() {
  return number_table;
}

}  // namespace rondom::expression
