#include "pipeline/normalize/number.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/base.h"
#include "model/model.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr const char* no_number = "is no number";
constexpr const char* ambiguous = "is a number that can be read in two ways";
constexpr std::size_t number_bytes_max = 40;

bool is_grouped(std::string_view whole, char group) {
  const auto first = whole.find(group);
  if (first == 0 || first == std::string_view::npos || first > 3) return false;
  std::string_view rest = whole.substr(first);
  if (!all_digits(whole.substr(0, first)) || rest.size() % 4 != 0) return false;
  for (; !rest.empty(); rest.remove_prefix(4)) {
    if (rest.front() != group || !all_digits(rest.substr(1, 3))) return false;
  }
  return true;
}

// "1.234,56" -> "1234.56". Sign apart. Empty out and a problem when it cannot be read.
const char* read_grouped(std::string_view text, std::string& out) {
  const auto mark = text.find_last_of(".,");
  const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
  std::string_view whole = text;
  std::string_view fraction;
  if (mark != std::string_view::npos && count(text[mark]) == 1) {
    whole = text.substr(0, mark);
    fraction = text.substr(mark + 1);
    if (!all_digits(fraction)) return no_number;
  }
  if (all_digits(whole)) {
    const bool could_be_group = fraction.size() == 3 && whole.size() <= 3 && whole != "0";
    if (could_be_group && text[mark] == ',') return ambiguous;
    out = whole;
  } else {
    const auto group = whole.find_first_not_of("0123456789");
    if (group == std::string_view::npos ||
        std::string_view(".,' ").find(whole[group]) == std::string_view::npos) {
      return no_number;
    }
    if (!fraction.empty() && whole[group] == text[mark]) return no_number;
    if (!is_grouped(whole, whole[group])) return no_number;
    std::copy_if(whole.begin(), whole.end(), std::back_inserter(out), is_digit);
  }
  const auto zeros = out.find_first_not_of('0');
  out.erase(0, std::min(zeros, out.size() - 1));
  if (!fraction.empty()) out.append(1, '.').append(fraction);
  return nullptr;
}

const char* read_number(std::string_view text, Value& number) {
  if (parse_number(text, number)) return nullptr;
  if (is_number_text(text)) return "is a number with too many digits";
  if (text.empty() || text.size() > number_bytes_max) return no_number;
  std::string plain;
  if (text.front() == '-' || text.front() == '+') {
    if (text.front() == '-') plain = "-";
    text = trim_ascii(text.substr(1));
  }
  std::string digits;
  if (const char* wrong = read_grouped(text, digits)) return wrong;
  plain += digits;
  return parse_number(plain, number) ? nullptr : no_number;
}

Outcome outcome_of(std::string_view value, std::string_view text, Arena& arena) {
  if (value == text) return {text, Rule::none, nullptr};
  return {arena.copy(value), Rule::number_format, nullptr};
}

struct Sign {
  std::string_view sign;
  std::string_view currency;
};
constexpr auto signs = std::to_array<Sign>({{"€", "EUR"}, {"£", "GBP"}, {"zł", "PLN"}});

bool is_currency_code(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Takes "€" or "EUR" off either end of an amount.
std::string_view take_currency(std::string_view text, std::string_view& currency) {
  for (const auto& [sign, code] : signs) {
    if (text.size() <= sign.size()) continue;
    if (text.substr(0, sign.size()) == sign) {
      currency = code;
      return trim_ascii(text.substr(sign.size()));
    }
    if (text.substr(text.size() - sign.size()) == sign) {
      currency = code;
      return trim_ascii(text.substr(0, text.size() - sign.size()));
    }
  }
  if (text.size() > 4 && is_currency_code(text.substr(0, 3)) && text[3] == ' ') {
    currency = text.substr(0, 3);
    return text.substr(4);
  }
  if (text.size() > 4 && is_currency_code(text.substr(text.size() - 3)) &&
      text[text.size() - 4] == ' ') {
    currency = text.substr(text.size() - 3);
    return text.substr(0, text.size() - 4);
  }
  return text;
}

bool is_canonical_money(std::string_view text) {
  if (text.size() < 5 || text[text.size() - 4] != ' ') return false;
  if (!is_currency_code(text.substr(text.size() - 3))) return false;
  std::string_view digits = text.substr(0, text.size() - 4);
  if (digits.front() == '-') digits.remove_prefix(1);
  return all_digits(digits);
}

bool to_minor_units(const Value& amount, int digits, std::int64_t& minor) {
  std::int64_t coefficient = 0;
  int scale = 0;
  if (amount.type() == ValueType::integer) {
    coefficient = amount.as_integer();
  } else {
    coefficient = amount.coefficient();
    scale = amount.scale();
  }
  if (scale > digits) return false;
  for (; scale < digits; ++scale) {
    if (__builtin_mul_overflow(coefficient, std::int64_t{10}, &coefficient)) return false;
  }
  minor = coefficient;
  return true;
}

}  // namespace

Outcome clean_decimal(std::string_view text, Arena& arena) {
  Value number;
  if (const char* wrong = read_number(text, number)) return problem(wrong);
  return outcome_of(number.to_text(arena), text, arena);
}

Outcome clean_integer(std::string_view text, Arena& arena) {
  Value number;
  if (const char* wrong = read_number(text, number)) return problem(wrong);
  if (number.type() == ValueType::decimal) {
    if (number.scale() != 0) return problem("is no whole number");
    number = Value::integer(number.coefficient());
  }
  return outcome_of(number.to_text(arena), text, arena);
}

Outcome clean_money(std::string_view text, std::string_view currency, Arena& arena) {
  if (is_canonical_money(text)) return {text, Rule::none, nullptr};
  const std::string_view amount = take_currency(text, currency);
  Value number;
  if (const char* wrong = read_number(amount, number)) return problem(wrong);
  if (!is_currency_code(currency)) return problem("has no currency and none is known");
  std::int64_t minor = 0;
  if (!to_minor_units(number, currency_digits(currency), minor)) {
    return problem("has more decimals than its currency");
  }
  const std::string value = std::to_string(minor) + ' ' + std::string(currency);
  return outcome_of(value, text, arena);
}

Outcome clean_boolean(std::string_view text) {
  constexpr auto yes = std::to_array<std::string_view>(
      {"true", "1", "yes", "y", "ja", "j", "on", "waar", "wahr", "oui", "vrai"});
  constexpr auto no = std::to_array<std::string_view>(
      {"false", "0", "no", "n", "nee", "off", "onwaar", "nein", "falsch", "non", "faux"});
  const auto is_one_of = [&](const auto& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return equals_ignoring_case(word, text); });
  };
  std::string_view value;
  if (is_one_of(yes))
    value = "true";
  else if (is_one_of(no))
    value = "false";
  else
    return problem("is neither true nor false");
  return {value, rule_when_changed(value, text, Rule::code_word), nullptr};
}

}  // namespace rondom::normalize
