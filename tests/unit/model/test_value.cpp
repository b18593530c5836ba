#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>
#include <vector>

#include "model/value.h"

using namespace rondom;

namespace {

Value number(std::string_view text) {
  Value value;
  BOOST_REQUIRE_MESSAGE(parse_number(text, value), text);
  return value;
}

std::string json_of(const Value& value) {
  std::string out;
  value.append_json(out);
  return out;
}

std::string text_of(const Value& value) {
  Arena arena;
  return std::string(value.to_text(arena));
}

Value partial_date(std::string_view text) {
  PartialDate date;
  BOOST_REQUIRE_MESSAGE(parse_partial_date(text, date), text);
  return Value::date(date);
}

/// '<', '=' or '>', or '-' when the two do not compare.
char order_of(const Value& a, const Value& b) {
  int order = 7;
  if (!compare(a, b, order)) {
    BOOST_TEST(order == 7);
    return '-';
  }
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(a_value_is_24_trivially_copyable_bytes) {
  BOOST_TEST(sizeof(Value) == 24u);
  BOOST_TEST(std::is_trivially_copyable_v<Value>);
  BOOST_TEST(Value().is_null());
}

BOOST_AUTO_TEST_CASE(numbers_are_read_exactly) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"0", "0"},
      {"-0", "0"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1.50", "1.5"},
      {"-0.05", "-0.05"},
      {"19.90000000000000000000000000000", "19.9"},
      {"1.0", "1"},
      {"0.0", "0"},
      {"1e3", "1000"},
      {"1.25E+2", "125"},
      {"12e-1", "1.2"},
      {"100e-2", "1"},
      {"0e999999999999", "0"},
      {"-922337203685477580.8", "-922337203685477580.8"},
      {"0.0000000000000000001", "0.0000000000000000001"},
  };
  for (const auto& [text, expected] : cases) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(text_of(number(text)) == expected);
    }
  }
  BOOST_TEST(bool(number("7").type() == ValueType::integer));
  BOOST_TEST(bool(number("7.0").type() == ValueType::decimal));
}

BOOST_AUTO_TEST_CASE(numbers_that_are_none_or_too_long_are_refused) {
  Value value;
  for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1 ", " 1", "NaN",
                           "Infinity", "1,5", "--1", "1.5.2"}) {
    BOOST_TEST(!parse_number(text, value), text);
    BOOST_TEST(!is_number_text(text), text);
  }
  const std::string long_number(400, '7');
  for (const std::string& text :
       {std::string("9223372036854775808"), std::string("-9223372036854775809"), long_number,
        "0." + long_number, std::string("1e19"), std::string("1e-401"), std::string("1e99999")}) {
    BOOST_TEST(!parse_number(text, value), text);
    BOOST_TEST(is_number_text(text), text);
  }
}

BOOST_AUTO_TEST_CASE(integers_and_decimals_compare_by_value) {
  const std::vector<const char*> ascending{"-9223372036854775808",
                                           "-922337203685477580.8",
                                           "-1.5",
                                           "-1",
                                           "-0.0000000000000000001",
                                           "0",
                                           "1e-300",
                                           "0.1",
                                           "1",
                                           "1.0000000000000001",
                                           "922337203685477580.6",
                                           "9223372036854775806",
                                           "9223372036854775807"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t k = 0; k < ascending.size(); ++k) {
      BOOST_TEST_CONTEXT(ascending[i] << " and " << ascending[k]) {
        const char expected = i < k ? '<' : i > k ? '>' : '=';
        BOOST_TEST(order_of(number(ascending[i]), number(ascending[k])) == expected);
      }
    }
  }
  BOOST_TEST(order_of(number("1"), number("1.0")) == '=');
  BOOST_TEST(order_of(number("-0.0"), number("0")) == '=');
}

BOOST_AUTO_TEST_CASE(which_types_compare) {
  const Value item = Value::integer(1);
  const std::vector<std::pair<ValueType, Value>> values{
      {ValueType::null, Value()},
      {ValueType::boolean, Value::boolean(true)},
      {ValueType::integer, Value::integer(1)},
      {ValueType::decimal, Value::decimal(15, 1)},
      {ValueType::text, Value::text("1")},
      {ValueType::date, Value::date({1980, 5, 12})},
      {ValueType::time, Value::time(0)},
      {ValueType::duration, Value::duration(1)},
      {ValueType::money, Value::money(100, "EUR")},
      {ValueType::list, Value::list(&item, 1)},
      {ValueType::object, Value::object(nullptr, 0)},
  };
  // Rows and columns in the order above; x = compares.
  const std::vector<std::string> table{
      "...........",  // null
      ".x.........",  // boolean
      "..xx....x..",  // integer
      "..xx....x..",  // decimal
      "....x......",  // text
      ".....xx....",  // date
      ".....xx....",  // time
      ".......x...",  // duration
      "..xx....x..",  // money
      "...........",  // list
      "...........",  // object
  };
  for (std::size_t row = 0; row < values.size(); ++row) {
    for (std::size_t column = 0; column < values.size(); ++column) {
      BOOST_TEST_CONTEXT(to_text(values[row].first) << " and " << to_text(values[column].first)) {
        const bool compares = order_of(values[row].second, values[column].second) != '-';
        BOOST_TEST(compares == (table[row][column] == 'x'));
        BOOST_TEST(same_value(values[row].second, values[column].second) == (row == column));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(money_compares_with_its_own_currency_and_with_amounts) {
  BOOST_TEST(order_of(Value::money(1990, "EUR"), Value::money(2000, "EUR")) == '<');
  BOOST_TEST(order_of(Value::money(1990, "EUR"), Value::money(2000, "USD")) == '-');
  BOOST_TEST(order_of(Value::money(1990, "EUR"), number("19.9")) == '=');
  BOOST_TEST(order_of(Value::integer(100), Value::money(100, "JPY")) == '=');
  BOOST_TEST(order_of(Value::money(1500, "KWD"), number("1.5")) == '=');
  BOOST_TEST(!same_value(Value::money(1990, "EUR"), number("19.9")));
  BOOST_TEST(!same_value(Value::money(1990, "EUR"), Value::money(1990, "USD")));
}

BOOST_AUTO_TEST_CASE(dates_compare_when_they_know_the_same_parts) {
  BOOST_TEST(order_of(partial_date("1980-05-12"), partial_date("1980-05-13")) == '<');
  BOOST_TEST(order_of(partial_date("1980-05"), partial_date("1980-04")) == '>');
  BOOST_TEST(order_of(partial_date("--05-12"), partial_date("--12-01")) == '<');
  BOOST_TEST(order_of(partial_date("1980"), partial_date("1980")) == '=');
  BOOST_TEST(order_of(partial_date("1980"), partial_date("1980-05")) == '-');
  BOOST_TEST(order_of(partial_date("1980-05-12"), partial_date("--05-12")) == '-');
  BOOST_TEST(order_of(partial_date("1970-01-02"), Value::time(microseconds_per_day)) == '=');
  BOOST_TEST(order_of(partial_date("1970-01"), Value::time(0)) == '-');
}

BOOST_AUTO_TEST_CASE(partial_dates_are_real_dates) {
  for (const char* text : {"1980-05-12", "1980-05", "1980", "--05-12", "2024-02-29", "--02-29"}) {
    PartialDate date;
    BOOST_TEST(parse_partial_date(text, date), text);
    BOOST_TEST(to_text(date) == text);
  }
  for (const char* text : {"", "19", "198", "1980-", "1980-13", "1980-00", "1980-1-1", "2023-02-29",
                           "1980-05-32", "0000", "0000-00-00", "--13-01", "--02-30", "--5-12",
                           "1980/05/12", "1980-05-12T00:00:00Z", "-980", "--05-1x"}) {
    PartialDate date;
    BOOST_TEST(!parse_partial_date(text, date), text);
  }
}

BOOST_AUTO_TEST_CASE(canonical_text_and_json) {
  const std::vector<std::tuple<Value, const char*, const char*>> cases{
      {Value(), "", "null"},
      {Value::boolean(false), "false", "false"},
      {Value::integer(-5), "-5", "-5"},
      {Value::decimal(-1205, 2), "-12.05", "-12.05"},
      {Value::text("a\"b"), "a\"b", "\"a\\\"b\""},
      {Value::date({0, 5, 12}), "--05-12", "\"--05-12\""},
      {Value::time(0), "1970-01-01T00:00:00Z", "\"1970-01-01T00:00:00Z\""},
      {Value::duration(30 * microseconds_per_day), "30d", "\"30d\""},
      {Value::duration(90 * 60 * microseconds_per_second), "90m", "\"90m\""},
      {Value::duration(0), "0s", "\"0s\""},
      {Value::money(1990, "EUR"), "1990 EUR", "\"1990 EUR\""},
  };
  for (const auto& [value, text, as_json] : cases) {
    BOOST_TEST(text_of(value) == text);
    BOOST_TEST(json_of(value) == as_json);
  }
  const std::vector<Value> items{Value::integer(1), Value::text("x"), Value()};
  const std::vector<Member> members{{"a", Value::list(items.data(), 3)}, {"b", Value()}};
  const Value object = Value::object(members.data(), 2);
  BOOST_TEST(json_of(object) == R"({"a":[1,"x",null],"b":null})");
  BOOST_TEST(text_of(object) == json_of(object));
}

BOOST_AUTO_TEST_CASE(members_are_found_by_name) {
  const std::vector<Member> members{{"a", Value::integer(1)}, {"ab", Value::integer(2)}};
  const Value object = Value::object(members.data(), 2);
  BOOST_REQUIRE(object.find("ab") != nullptr);
  BOOST_TEST(object.find("ab")->as_integer() == 2);
  BOOST_TEST(object.find("abc") == nullptr);
  BOOST_TEST(object.find("") == nullptr);
}

BOOST_AUTO_TEST_CASE(objects_are_the_same_in_any_order) {
  const std::vector<Member> one{{"a", Value::integer(1)}, {"b", Value::text("x")}};
  const std::vector<Member> two{{"b", Value::text("x")}, {"a", Value::decimal(1, 0)}};
  const std::vector<Member> three{{"b", Value::text("x")}, {"c", Value::integer(1)}};
  const auto object = [](const std::vector<Member>& members) {
    return Value::object(members.data(), std::uint32_t(members.size()));
  };
  BOOST_TEST(same_value(object(one), object(two)));
  BOOST_TEST(!same_value(object(one), object(three)));
}

BOOST_AUTO_TEST_SUITE_END()
