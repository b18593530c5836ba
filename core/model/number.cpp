#include <limits>

#include "base/text.h"
#include "model/value.h"

namespace rondom {

namespace {

constexpr std::uint64_t coefficient_max = std::uint64_t(std::numeric_limits<std::int64_t>::max());

/// The digits of a number while they are read: a coefficient and how far its point is from the end.
struct Digits {
  std::uint64_t coefficient = 0;
  long scale = 0;          // digits after the point that went into the coefficient
  long pending_zeros = 0;  // zeros not yet known to matter: "1.5000000000000000000000" has 2 digits
  bool too_many = false;

  void append(int digit) {
    if (coefficient > (coefficient_max + 1 - std::uint64_t(digit)) / 10) {
      too_many = true;
      return;
    }
    coefficient = coefficient * 10 + std::uint64_t(digit);
  }

  void fraction_digit(int digit) {
    if (digit == 0) {
      ++pending_zeros;
      return;
    }
    for (; pending_zeros > 0 && !too_many; --pending_zeros) shift_fraction(0);
    shift_fraction(digit);
  }

  void shift_fraction(int digit) {
    append(digit);
    ++scale;
  }
};

struct Scan {
  bool syntax = false;
  bool negative = false;
  bool whole = true;  // neither point nor exponent
  long exponent = 0;
  Digits digits;
};

constexpr long exponent_max = 100'000;  // larger ones are as good as infinite

bool scan_exponent(const char*& at, const char* end, long& exponent) {
  bool negative = false;
  if (at != end && (*at == '+' || *at == '-')) negative = *at++ == '-';
  if (at == end || !is_digit(*at)) return false;
  long number = 0;
  for (; at != end && is_digit(*at); ++at) {
    if (number < exponent_max) number = number * 10 + (*at - '0');
  }
  exponent = negative ? -number : number;
  return true;
}

Scan scan(std::string_view text) {
  Scan found;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') {
    found.negative = true;
    ++at;
  }
  if (at == end || !is_digit(*at)) return found;
  if (*at == '0' && at + 1 != end && is_digit(at[1])) return found;
  for (; at != end && is_digit(*at); ++at) found.digits.append(*at - '0');
  if (at != end && *at == '.') {
    found.whole = false;
    ++at;
    if (at == end || !is_digit(*at)) return found;
    for (; at != end && is_digit(*at); ++at) found.digits.fraction_digit(*at - '0');
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    found.whole = false;
    ++at;
    if (!scan_exponent(at, end, found.exponent)) return found;
  }
  found.syntax = at == end;
  return found;
}

/// Coefficient with its sign; false when 64 bits do not hold it.
bool with_sign(std::uint64_t coefficient, bool negative, std::int64_t& number) {
  if (negative) {
    if (coefficient > coefficient_max + 1) return false;
    number = std::int64_t(0 - coefficient);
    return true;
  }
  if (coefficient > coefficient_max) return false;
  number = std::int64_t(coefficient);
  return true;
}

}  // namespace

bool parse_number(std::string_view text, Value& number) {
  Scan found = scan(text);
  if (!found.syntax || found.digits.too_many) return false;
  std::int64_t coefficient = 0;
  if (found.whole) {
    if (!with_sign(found.digits.coefficient, found.negative, coefficient)) return false;
    number = Value::integer(coefficient);
    return true;
  }
  long scale = found.digits.scale - found.exponent;
  if (found.digits.coefficient == 0) scale = 0;
  for (; scale < 0 && !found.digits.too_many; ++scale) found.digits.append(0);
  for (; scale > decimal_scale_max && found.digits.coefficient % 10 == 0; --scale) {
    found.digits.coefficient /= 10;
  }
  if (found.digits.too_many || scale > decimal_scale_max) return false;
  if (!with_sign(found.digits.coefficient, found.negative, coefficient)) return false;
  number = Value::decimal(coefficient, int(scale));
  return true;
}

bool is_number_text(std::string_view text) {
  return scan(text).syntax;
}

void append_decimal(std::string& out, std::int64_t coefficient, int scale) {
  std::string digits =
      std::to_string(coefficient < 0 ? 0 - std::uint64_t(coefficient) : std::uint64_t(coefficient));
  if (digits.size() <= std::size_t(scale)) {
    digits.insert(0, std::size_t(scale) + 1 - digits.size(), '0');
  }
  if (coefficient < 0) out += '-';
  const std::size_t point = digits.size() - std::size_t(scale);
  out.append(digits, 0, point);
  if (scale > 0) {
    out += '.';
    out.append(digits, point);
  }
}

}  // namespace rondom
