// Functions that make one value of many. Null items are left out; of no items the result is null.
#include <array>

#include "expression/exact.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

constexpr int average_digits = 6;

/// The values to aggregate, one at a time: the items, or what the second argument makes of them.
class Values {
 public:
  explicit Values(Call& call) : call_(call) {}

  bool open() { return call_.list(0, list_); }
  /// False at the end, or when the evaluation failed: then failed() is true.
  bool next(Value& out) {
    while (at_ < list_.size()) {
      const Value& item = list_.item(at_++);
      out = item;
      failed_ = !call_.evaluation().step() || (call_.has(1) && !call_.value_of_item(1, item, out));
      if (failed_) return false;
      if (!out.is_null()) return true;
    }
    return false;
  }
  bool failed() const { return failed_; }

 private:
  Call& call_;
  Value list_ = Value::list(nullptr, 0);
  std::uint32_t at_ = 0;
  bool failed_ = false;
};

/// Numbers, or money of one currency, added up exactly.
struct Total {
  Exact sum;
  std::int64_t count = 0;
  bool money = false;
  bool integers = true;
  std::array<char, 3> currency{};

  bool add_value(Call& call, const Value& value) {
    const bool is_money = value.type() == ValueType::money;
    if (!is_money && !value.is_number()) {
      return call.fail(std::string("numbers or money are needed, and this is of type ") +
                       rondom::to_text(value.type()));
    }
    if (count == 0) {
      money = is_money;
      if (is_money) value.currency().copy(currency.data(), currency.size());
    } else if (money != is_money) {
      return call.fail("money and plain numbers do not add up");
    }
    if (money && value.currency() != std::string_view(currency.data(), currency.size())) {
      return call.fail("the money is of different currencies");
    }
    ++count;
    integers = integers && value.type() == ValueType::integer;
    const Exact number = is_money ? Exact{value.minor_units(), 0} : exact_of(value);
    return add(sum, number) || call.fail("the sum has too many digits");
  }

  bool result(Call& call, Exact number, bool integer, Value& out) const {
    if (!value_of(number, integer || money, out))
      return call.fail("the result has too many digits");
    if (money) {
      out = Value::money(out.as_integer(), std::string_view(currency.data(), currency.size()));
    }
    return true;
  }
};

bool add_up(Call& call, Total& total) {
  Values values(call);
  if (!values.open()) return false;
  Value value;
  while (values.next(value)) {
    if (!total.add_value(call, value)) return false;
  }
  return !values.failed();
}

bool sum(Call& call, Value& out) {
  Total total;
  if (!add_up(call, total)) return false;
  out = Value();
  return total.count == 0 || total.result(call, total.sum, total.integers, out);
}

bool average(Call& call, Value& out) {
  Total total;
  if (!add_up(call, total)) return false;
  out = Value();
  if (total.count == 0) return true;
  Exact mean = total.sum;
  // Money stays whole minor units.
  if (!divide(mean, total.count, total.money ? 0 : average_digits)) {
    return call.fail("the result has too many digits");
  }
  return total.result(call, mean, false, out);
}

bool extreme(Call& call, Value& out, int wanted) {
  Values values(call);
  if (!values.open()) return false;
  out = Value();
  Value value;
  while (values.next(value)) {
    int order = wanted;
    if (out.is_null() ? value.is_list() || value.is_object() : !compare(value, out, order)) {
      return call.fail(std::string("a value of type ") + rondom::to_text(value.type()) +
                       " has no order here");
    }
    if (order == wanted) out = value;
  }
  return !values.failed();
}

bool minimum(Call& call, Value& out) {
  return extreme(call, out, -1);
}

bool maximum(Call& call, Value& out) {
  return extreme(call, out, 1);
}

constexpr std::array<Function, 4> aggregate_table{{
    {{"sum", "sum(list[, value])", "The sum of numbers, or of money of one currency.",
      R"(.orders | sum(.total))", R"({"orders":[{"total":19.90},{"total":5},{}]})", "24.9"},
     1,
     2,
     "si",
     StaticType::any,
     sum,
     nullptr},
    {{"avg", "avg(list[, value])",
      "The average, to six digits more than the numbers have; money to its smallest unit.",
      R"(.scores | avg)", R"({"scores":[1,2,2]})", "1.666667"},
     1,
     2,
     "si",
     StaticType::any,
     average,
     nullptr},
    {{"min", "min(list[, value])", "The least value.", ".orders | min(.total)",
      R"({"orders":[{"total":20},{"total":5.5}]})", "5.5"},
     1,
     2,
     "si",
     StaticType::any,
     minimum,
     nullptr},
    {{"max", "max(list[, value])", "The greatest value.", ".orders | max(.at)",
      R"({"orders":[{"at":"2025-03-01"},{"at":"2026-03-01"}]})", R"("2026-03-01")"},
     1,
     2,
     "si",
     StaticType::any,
     maximum,
     nullptr},
}};

}  // namespace

std::span<const Function> aggregate_functions() {
  return aggregate_table;
}

}  // namespace rondom::expression
