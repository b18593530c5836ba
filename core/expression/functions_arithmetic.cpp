// Functions of two numbers, or two amounts of money. Null in, null out.
#include <array>

#include "expression/exact.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

constexpr int quotient_digits = 6;

struct Operands {
  Value a;
  Value b;
  bool missing = false;
};

bool is_amount(const Value& value) {
  return value.is_number() || value.type() == ValueType::money;
}

bool read_operands(Call& call, Operands& of) {
  if (!call.value(0, of.a) || !call.value(1, of.b)) return false;
  of.missing = of.a.is_null() || of.b.is_null();
  if (of.missing) return true;
  for (const Value* value : {&of.a, &of.b}) {
    if (is_amount(*value)) continue;
    return call.fail(std::string("numbers or money are needed, and this is of type ") +
                     rondom::to_text(value->type()));
  }
  const bool both = of.a.type() == ValueType::money && of.b.type() == ValueType::money;
  if (both && of.a.currency() != of.b.currency()) {
    return call.fail("the money is of different currencies");
  }
  return true;
}

bool give(Call& call, Exact number, bool integer, const Value* money, Value& out) {
  if (!value_of(number, integer || money != nullptr, out)) {
    return call.fail("the result has too many digits");
  }
  if (money != nullptr) out = Value::money(out.as_integer(), money->currency());
  return true;
}

bool minus(Call& call, Value& out) {
  Operands of;
  if (!read_operands(call, of)) return false;
  out = Value();
  if (of.missing) return true;
  const bool money = of.a.type() == ValueType::money;
  if (money != (of.b.type() == ValueType::money)) {
    return call.fail("money and plain numbers do not go together");
  }
  Exact sum = exact_amount(of.a);
  Exact negative = exact_amount(of.b);
  negative.coefficient = -negative.coefficient;
  if (!add(sum, negative)) return call.fail("the result has too many digits");
  const bool integers = of.a.type() == ValueType::integer && of.b.type() == ValueType::integer;
  return give(call, sum, integers, money ? &of.a : nullptr, out);
}

bool divide_function(Call& call, Value& out) {
  Operands of;
  if (!read_operands(call, of)) return false;
  out = Value();
  if (of.missing) return true;
  const bool money = of.a.type() == ValueType::money && of.b.type() != ValueType::money;
  if (of.b.type() == ValueType::money && of.a.type() != ValueType::money) {
    return call.fail("a number is not divided by money");
  }
  Exact number = exact_amount(of.a);
  Exact by = exact_amount(of.b);
  if (by.coefficient == 0) return true;
  if (by.coefficient < 0) {
    by.coefficient = -by.coefficient;
    number.coefficient = -number.coefficient;
  }
  for (; by.scale > 0; --by.scale) {
    if (__builtin_mul_overflow(number.coefficient, Wide(10), &number.coefficient)) {
      return call.fail("the result has too many digits");
    }
  }
  std::int64_t divisor = 0;
  if (__builtin_add_overflow(by.coefficient, Wide(0), &divisor) ||
      !divide(number, divisor, money ? 0 : quotient_digits)) {
    return call.fail("the result has too many digits");
  }
  return give(call, number, false, money ? &of.a : nullptr, out);
}

bool times(Call& call, Value& out) {
  Operands of;
  if (!read_operands(call, of)) return false;
  out = Value();
  if (of.missing) return true;
  const bool first = of.a.type() == ValueType::money, second = of.b.type() == ValueType::money;
  if (first && second) return call.fail("money is not multiplied by money");
  return multiply(of.a, of.b, out) || call.fail("the result has too many digits");
}

/// band(value, word, bound, word, bound, word …): the word before the first bound that is above it.
bool band(Call& call, Value& out) {
  Value value;
  if (call.count() % 2 != 0) return call.fail("a word stands before and after each bound");
  if (!call.value(0, value)) return false;
  out = Value();
  if (value.is_null()) return true;
  for (std::size_t i = 2; i < call.count(); i += 2) {
    Value bound;
    int order = 0;
    if (!call.value(i, bound)) return false;
    if (!compare(value, bound, order)) {
      return call.fail(std::string("a bound of type ") + rondom::to_text(bound.type()) +
                       " does not compare with a value of type " + rondom::to_text(value.type()));
    }
    if (order < 0) return call.value(i - 1, out);
  }
  return call.value(call.count() - 1, out);
}

constexpr std::array<Function, 4> arithmetic_table{{
    {{"minus", "minus(number, number)",
      "The difference of two numbers, or of money of one currency. A sum is `[.a, .b] | sum`.",
      ".now | minus(.before)", R"({"now":12.5,"before":10})", "2.5"},
     2,
     2,
     "v",
     StaticType::any,
     minus,
     nullptr},
    {{"times", "times(number, number)",
      "The product. Money times a number is money to its smallest unit.",
      ".price | times(.quantity)", R"({"price":2.5,"quantity":3})", "7.5"},
     2,
     2,
     "v",
     StaticType::any,
     times,
     nullptr},
    {{"band", "band(value, word, bound, word[, bound, word …])",
      "The word of the band that the value is in. A bound is the first value of the band behind "
      "it.",
      R"x(.spend | band("low", 100, "middle", 500, "high"))x", R"({"spend":100})", R"("middle")"},
     4,
     255,
     "v",
     StaticType::any,
     band,
     nullptr},
    {{"divide", "divide(number, number)",
      "The quotient, to six digits more than the first number has; null where the second is 0. "
      "Money by a number is money to its smallest unit; money by money is a number.",
      ".part | divide(.whole)", R"({"part":1,"whole":3})", "0.333333"},
     2,
     2,
     "v",
     StaticType::any,
     divide_function,
     nullptr},
}};

}  // namespace

std::span<const Function> arithmetic_functions() {
  return arithmetic_table;
}

}  // namespace rondom::expression
