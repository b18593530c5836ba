// Exact: decimal arithmetic in 128 bits for sums, rounding and money. Pure functions.
#pragma once

#include "model/value.h"

namespace rondom::expression {

__extension__ typedef __int128 Wide;

/// coefficient * 10^-scale
struct Exact {
  Wide coefficient = 0;
  int scale = 0;
};

Exact exact_of(const Value& number);  // integer or decimal
/// False when it overflows.
bool add(Exact& sum, const Exact& other);
/// Half away from zero. False when it overflows.
bool round_to(Exact& number, int scale);
bool divide(Exact& number, std::int64_t divisor, int more_digits);
/// An integer when nothing stands after the point and `integer` allows it, else a decimal. False
/// when it has more digits than 64 bits hold.
bool value_of(Exact number, bool integer, Value& out);

/// Money in minor units, as a number.
Exact exact_amount(const Value& number_or_money);
/// Numbers, one of which may be money: then the product is money, to its smallest unit. False when
/// both are, when one is neither, or when the result has too many digits.
bool multiply(const Value& a, const Value& b, Value& out);

}  // namespace rondom::expression
