#include "expression/exact.h"

#include <limits>

namespace rondom::expression {

namespace {

constexpr int scale_max = 38;

bool raise(Exact& number, int scale) {
  for (; number.scale < scale; ++number.scale) {
    if (__builtin_mul_overflow(number.coefficient, Wide(10), &number.coefficient)) return false;
  }
  return true;
}

Wide divided_half_away(Wide number, Wide divisor) {
  const Wide quotient = number / divisor;
  const Wide rest = number % divisor;
  const Wide twice = rest < 0 ? -rest : rest;
  if (twice < divisor - twice) return quotient;
  return quotient + (number < 0 ? -1 : 1);
}

}  // namespace

Exact exact_of(const Value& number) {
  if (number.type() == ValueType::decimal) return {number.coefficient(), number.scale()};
  return {number.as_integer(), 0};
}

bool add(Exact& sum, const Exact& other) {
  Exact raised = other;
  const int scale = sum.scale > other.scale ? sum.scale : other.scale;
  return raise(sum, scale) && raise(raised, scale) &&
         !__builtin_add_overflow(sum.coefficient, raised.coefficient, &sum.coefficient);
}

bool round_to(Exact& number, int scale) {
  if (number.scale <= scale) return raise(number, scale);
  // 10^38 is more than any coefficient: what drops that many digits leaves nothing.
  const int dropped = number.scale - scale;
  Wide divisor = 1;
  for (int i = 0; i < dropped && i < scale_max; ++i) divisor *= 10;
  number.coefficient = dropped > scale_max ? 0 : divided_half_away(number.coefficient, divisor);
  number.scale = scale;
  return true;
}

bool divide(Exact& number, std::int64_t divisor, int more_digits) {
  const int scale = number.scale + more_digits < scale_max ? number.scale + more_digits : scale_max;
  if (number.scale < scale && !raise(number, scale)) return false;
  number.coefficient = divided_half_away(number.coefficient, divisor);
  return true;
}

bool value_of(Exact number, bool integer, Value& out) {
  while (number.scale > 0 && number.coefficient % 10 == 0) {
    number.coefficient /= 10;
    --number.scale;
  }
  if (number.coefficient > std::numeric_limits<std::int64_t>::max() ||
      number.coefficient < std::numeric_limits<std::int64_t>::min() ||
      number.scale > decimal_scale_max) {
    return false;
  }
  const auto coefficient = std::int64_t(number.coefficient);
  out = integer && number.scale == 0 ? Value::integer(coefficient)
                                     : Value::decimal(coefficient, number.scale);
  return true;
}

Exact exact_amount(const Value& number_or_money) {
  return number_or_money.type() == ValueType::money ? Exact{number_or_money.minor_units(), 0}
                                                    : exact_of(number_or_money);
}

bool multiply(const Value& a, const Value& b, Value& out) {
  const bool first = a.type() == ValueType::money, second = b.type() == ValueType::money;
  if ((first && second) || (!first && !a.is_number()) || (!second && !b.is_number())) return false;
  const Exact left = exact_amount(a), right = exact_amount(b);
  Exact product;
  if (__builtin_mul_overflow(left.coefficient, right.coefficient, &product.coefficient)) {
    return false;
  }
  product.scale = left.scale + right.scale;
  const bool money = first || second;
  if (money && !round_to(product, 0)) return false;  // whole minor units
  const bool integers = a.type() == ValueType::integer && b.type() == ValueType::integer;
  if (!value_of(product, integers || money, out)) return false;
  if (money) out = Value::money(out.as_integer(), (first ? a : b).currency());
  return true;
}

}  // namespace rondom::expression
