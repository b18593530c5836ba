// From what an expression gives to what an attribute's type asks.
#include "expression/evaluation.h"
#include "expression/exact.h"
#include "pipeline/enrich/plan.h"

namespace rondom::enrich {
namespace {

using expression::Exact;

/// A number in its main unit as money.
bool money_of(const Value& number, std::string_view currency, Value& out) {
  Exact amount = expression::exact_of(number);
  if (currency.size() != 3) return false;
  const int digits = currency_digits(currency);
  for (int i = 0; i < digits; ++i) {
    if (__builtin_mul_overflow(amount.coefficient, expression::Wide(10), &amount.coefficient)) {
      return false;
    }
  }
  Value minor;
  if (!round_to(amount, 0) || !value_of(amount, true, minor)) return false;
  out = Value::money(minor.as_integer(), currency);
  return true;
}

/// A text of the source as a number, a date, true or false; text stays what cannot be read.
Value read_text(const Value& value, std::string_view type) {
  Value out;
  const std::string_view text = trim_ascii(value.as_text());
  if ((type == "integer" || type == "decimal" || type == "money") && parse_number(text, out)) {
    return out;
  }
  if (type == "boolean" && (text == "true" || text == "false")) {
    return Value::boolean(text == "true");
  }
  if ((type == "date" || type == "time") && expression::moment_of_text(text, out)) return out;
  return value;
}

bool fits(const Value& value, std::string_view type) {
  switch (value.type()) {
    case ValueType::boolean: return type == "boolean";
    case ValueType::integer: return type == "integer" || type == "decimal";
    case ValueType::decimal: return type == "decimal";
    case ValueType::text: return type == "text";
    case ValueType::date: return type == "date";
    case ValueType::time: return type == "time";
    case ValueType::money: return type == "money";
    case ValueType::list: return value_type(type) == ValueType::list;
    default: return false;
  }
}

}  // namespace

ValueType value_type(std::string_view attribute_type) {
  for (const ValueType type :
       {ValueType::boolean, ValueType::integer, ValueType::decimal, ValueType::date,
        ValueType::time, ValueType::money, ValueType::list}) {
    if (attribute_type == rondom::to_text(type)) return type;
  }
  if (activity_list_named(attribute_type) < activity_lists_count) return ValueType::list;
  return ValueType::text;
}

bool coerce(const Value& given, std::string_view type, std::string_view currency, bool from_source,
            Arena& arena, Value& out, std::string& problem) {
  Value value = given;
  if (from_source && value.is_text()) value = read_text(value, type);
  if (type == "integer" && value.type() == ValueType::decimal) {
    (void)value_of(expression::exact_of(value), true, value);
  }
  if (type == "money" && value.is_number() && !money_of(value, currency, value)) {
    problem = currency.empty() ? "a number is no money: defaults: has no currency"
                               : "the amount has too many digits";
    return false;
  }
  if (type == "text" && from_source && !value.is_list() && !value.is_object()) {
    value = Value::text(value.to_text(arena));
  }
  if (fits(value, type)) {
    out = value;
    return true;
  }
  problem = std::string("the value is of type ") + rondom::to_text(value.type()) +
            ", and the attribute of type " + std::string(type);
  return false;
}

}  // namespace rondom::enrich
